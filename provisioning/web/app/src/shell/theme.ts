import { createTheme, type CSSVariablesResolver } from '@mantine/core'

// A dialog's head is no banner of the page.
const dialog = { attributes: { header: { role: 'presentation' } } }

// Calm and dense: small controls, one colour. The shades are those that text is
// readable on and in, by WCAG AA, in light and in dark.
export const theme = createTheme({
  primaryColor: 'cyan',
  primaryShade: 9,
  defaultRadius: 'sm',
  cursorType: 'pointer',
  // Who asks their system for no motion gets none.
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif',
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '1.35rem' }, h2: { fontSize: '1.1rem' }, h3: { fontSize: '0.95rem' } } },
  components: {
    Button: { defaultProps: { size: 'sm' } },
    Modal: { defaultProps: { centered: true, ...dialog } },
    Drawer: { defaultProps: dialog },
    // What was done is said for a moment and goes by itself.
    Notification: { defaultProps: { withCloseButton: false } },
    // The first item gets the focus, not an empty place before it.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    // The colours that initials can be read in.
    Avatar: { defaultProps: { color: 'initials', allowedInitialsColors: ['blue', 'cyan', 'grape', 'indigo', 'pink', 'violet'] } },
  },
})

export const variables: CSSVariablesResolver = () => ({
  // What is pointed at gets darker: the lighter shade beside ours is too light for white text.
  variables: { '--mantine-color-cyan-filled-hover': 'color-mix(in srgb, var(--mantine-color-cyan-9), black 15%)' },
  light: {
    '--mantine-color-dimmed': 'var(--mantine-color-gray-7)',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-7)',
    '--mantine-color-error': 'var(--mantine-color-red-9)',
    '--mantine-color-anchor': 'var(--mantine-color-cyan-9)',
    '--mantine-color-cyan-light-hover': 'var(--mantine-color-cyan-1)',
  },
  dark: {
    '--mantine-color-dimmed': 'var(--mantine-color-dark-1)',
    '--mantine-color-placeholder': 'var(--mantine-color-dark-2)',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    '--mantine-color-anchor': 'var(--mantine-color-cyan-4)',
    '--mantine-color-cyan-light-color': 'var(--mantine-color-cyan-2)',
  },
})
