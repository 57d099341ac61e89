// Before the first paint: light or dark, as chosen here or else as the system
// has it. A file of its own, because the content policy lets no script stand in
// the document.
;(function () {
  var chosen
  try {
    chosen = localStorage.getItem('mantine-color-scheme-value')
  } catch (e) {}
  var dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
