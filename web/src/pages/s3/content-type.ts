/** Types of contents: what browsers do not know of files, and what may be shown here. */
import { nameOf } from "./keys";

const byExtension: Record<string, string> = {
  csv: "text/csv",
  json: "application/json",
  log: "text/plain",
  md: "text/markdown",
  parquet: "application/vnd.apache.parquet",
  tf: "text/plain",
  toml: "application/toml",
  txt: "text/plain",
  yaml: "application/yaml",
  yml: "application/yaml",
};

/** The content type of a file that is uploaded: what the browser says, else what its name does. */
export function typeOf(key: string, said: string): string {
  if (said !== "") return said;
  const extension = /\.([^.]+)$/.exec(nameOf(key))?.[1]?.toLowerCase() ?? "";
  return byExtension[extension] ?? "application/octet-stream";
}

export type PreviewKind = "image" | "text";

const images = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"]);
const texts = new Set([
  "application/json",
  "application/x-ndjson",
  "application/toml",
  "application/yaml",
  "application/x-yaml",
  "text/csv",
  "text/markdown",
  "text/plain",
  "text/tab-separated-values",
  "text/yaml",
]);

/**
 * How an object may be shown inside the console: as one of the images that cannot hold script, or as text. Never HTML or
 * SVG, nor what might be taken for them (TH-84).
 */
export function previewOf(contentType: string | undefined): PreviewKind | undefined {
  const type = (contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (images.has(type)) return "image";
  return texts.has(type) ? "text" : undefined;
}
