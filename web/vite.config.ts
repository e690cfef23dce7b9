import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { compress } from "./build/compress.ts";
import { emptyBut } from "./build/empty.ts";

const base = "/_regent/console/";

// The server that `npm run dev` passes everything but its own files on to.
const server = process.env.REGENT_URL ?? "http://127.0.0.1:8080";

// The SDK would say in every test run that its releases of 2027 want a newer Node: they are pinned.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

export default defineConfig({
  base,
  plugins: [react(), emptyBut("placeholder.html"), compress()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  html: { cspNonce: "__REGENT_NONCE__" },
  build: {
    outDir: "../internal/console/dist",
    emptyOutDir: false, // emptyBut does
    target: "es2023",
    license: { fileName: "licenses.md" }, // of all that is in the build, with their texts (NOTICE)
    manifest: "manifest.json", // build/size.js reads what a route loads from it
    assetsInlineLimit: (file) => (file.endsWith(".svg") ? false : undefined), // img-src takes data:, but a favicon is cached better
    chunkSizeWarningLimit: 3000,
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      // Not our own files: requests are signed over Host, so it is kept.
      [`^(?!${base})`]: { target: server, changeOrigin: false },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test/setup.ts"],
    css: false,
    testTimeout: 90_000,
    restoreMocks: true,
    // Cloudscape imports CSS, so it is compiled like our own files; what was compiled is kept for the next run.
    server: { deps: { inline: [/@cloudscape-design/] } },
    experimental: { fsModuleCache: true, fsModuleCachePath: "node_modules/.vitest" },
  },
});
