import { roleColor } from "./colors";

/** A spot of a role's colour. It only repeats what the text beside it says. */
export function Swatch({ color }: { color: string }) {
  const hex = roleColor(color);
  return (
    <span
      className={hex ? "swatch swatch-colored" : "swatch"}
      aria-hidden="true"
      style={hex ? { backgroundColor: hex } : undefined}
    />
  );
}
