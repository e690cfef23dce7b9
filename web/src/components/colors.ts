/** The colours of roles: AWS's five (CO-10) and grey. Any other is none: an address may say what it likes. */
export const colors = ["f2b0a9", "fbc8aa", "efda95", "b7ca9d", "83d4e8", "d5dbdb"] as const;

const known = new Set<string>(colors);

/** Returns a colour for CSS, or undefined. The text on each of them is dark. */
export function roleColor(color: string): string | undefined {
  const hex = color.replace(/^#/, "").toLowerCase();
  return known.has(hex) ? `#${hex}` : undefined;
}
