/** Light, dark, or as the system says. */
import { applyMode, disableMotion, Mode } from "@cloudscape-design/global-styles";

export type Theme = "system" | "light" | "dark";

const key = "regent-console-theme";
const dark = matchMedia("(prefers-color-scheme: dark)");
const still = matchMedia("(prefers-reduced-motion: reduce)");

export function theme(): Theme {
  const chosen = localStorage.getItem(key);
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

export function isDark(): boolean {
  return theme() === "dark" || (theme() === "system" && dark.matches);
}

export function chooseTheme(chosen: Theme): void {
  localStorage.setItem(key, chosen);
  apply();
}

function apply() {
  applyMode(isDark() ? Mode.Dark : Mode.Light);
  document.documentElement.style.colorScheme = isDark() ? "dark" : "light";
  disableMotion(still.matches);
}

/** Applies the theme, and again when the system's changes or another tab chooses. */
export function applyTheme(): void {
  apply();
  dark.addEventListener("change", apply);
  still.addEventListener("change", apply);
  addEventListener("storage", (event) => {
    if (event.key === key) apply();
  });
}
