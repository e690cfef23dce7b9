/** Cloudscape's colours by the names that policy.css has for them. */
import * as tokens from "@cloudscape-design/design-tokens";
import type { CSSProperties } from "react";
import "../policy.css";

export const colours = {
  "--policy-mono": tokens.fontFamilyMonospace,
  "--policy-border": tokens.colorBorderDividerDefault,
  "--policy-focus": tokens.colorBorderItemFocused,
  "--policy-secondary": tokens.colorTextBodySecondary,
  "--policy-deny": tokens.colorTextStatusError,
  "--policy-allow": tokens.colorTextStatusSuccess,
} as CSSProperties;
