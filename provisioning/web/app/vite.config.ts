import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// The build goes where Go embeds it. `npx vite` serves the sources beside an
// exchange that answers the API.
export default defineConfig({
  plugins: [react()],
  build: { outDir: '../dist', emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 800 },
  server: { proxy: { '/api': process.env.STROWGER_URL ?? 'http://127.0.0.1:8080' } },
  test: { include: ['src/**/*.test.ts'] },
})
