/** Cloudscape's colours under names of our own for app.css: its own custom properties are renamed by each release. */
import * as tokens from "@/components/tokens";

const names = {
  "--text": tokens.colorTextBodyDefault,
  "--text-secondary": tokens.colorTextBodySecondary,
  "--link": tokens.colorTextLinkDefault,
  "--surface": tokens.colorBackgroundContainerContent,
  "--page": tokens.colorBackgroundLayoutMain,
  "--code": tokens.colorBackgroundCellShaded,
  "--hover": tokens.colorBackgroundDropdownItemHover,
  "--divider": tokens.colorBorderDividerDefault,
  "--focus": tokens.colorBorderItemFocused,
  "--selected": tokens.colorBackgroundItemSelected,
  "--mono": tokens.fontFamilyMonospace,
  "--sans": tokens.fontFamilyBase,
};

/** They are set where Cloudscape sets its own, on the body: what they refer to changes with the mode. */
export function nameTokens(): void {
  for (const [name, value] of Object.entries(names)) document.body.style.setProperty(name, value);
}
