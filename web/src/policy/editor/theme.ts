/** How the editor looks: Cloudscape's colours, which follow light and dark by themselves. */
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import * as tokens from "@/components/tokens";

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--policy-key)" },
  { tag: tags.string, color: "var(--policy-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--policy-literal)" },
]);

const view = EditorView.theme({
  "&": {
    color: tokens.colorTextBodyDefault,
    backgroundColor: tokens.colorBackgroundInputDefault,
    fontSize: "13px",
  },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: tokens.fontFamilyMonospace, lineHeight: "1.55" },
  ".cm-content": { caretColor: tokens.colorTextBodyDefault, padding: "8px 0" },
  ".cm-gutters": {
    color: tokens.colorTextBodySecondary,
    backgroundColor: tokens.colorBackgroundInputDefault,
    borderRight: `1px solid ${tokens.colorBorderDividerDefault}`,
  },
  ".cm-activeLine": { backgroundColor: "var(--policy-line)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--policy-line)", color: tokens.colorTextBodyDefault },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection": {
    backgroundColor: "var(--policy-selection)",
  },
  ".cm-matchingBracket": {
    backgroundColor: "var(--policy-selection)",
    outline: `1px solid ${tokens.colorBorderInputDefault}`,
  },
  ".cm-nonmatchingBracket": { color: tokens.colorTextStatusError },
  ".cm-tooltip": {
    color: tokens.colorTextBodyDefault,
    backgroundColor: tokens.colorBackgroundContainerContent,
    border: `1px solid ${tokens.colorBorderDropdownContainer}`,
    borderRadius: "8px",
    boxShadow: "0 4px 20px 1px rgba(0, 0, 0, 0.2)",
    fontFamily: tokens.fontFamilyBase,
    fontSize: "13px",
    maxWidth: "min(40rem, 92vw)",
    overflow: "hidden",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: "13px",
    maxHeight: "16em",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 10px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    color: tokens.colorTextBodyDefault,
    backgroundColor: tokens.colorBackgroundDropdownItemHover,
  },
  ".cm-completionDetail": { color: tokens.colorTextBodySecondary, fontStyle: "normal" },
  ".cm-completionInfo": { padding: "6px 10px" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700" },
  ".cm-diagnostic": { padding: "6px 10px", borderLeftWidth: "4px" },
  ".cm-diagnosticAction": {
    color: tokens.colorTextLinkDefault,
    backgroundColor: "transparent",
    border: "1px solid currentColor",
    borderRadius: "12px",
    padding: "1px 10px",
    marginTop: "4px",
  },
  ".cm-policy-help": { padding: "6px 10px" },
  ".cm-policy-help strong": { fontFamily: tokens.fontFamilyMonospace },
});

export const theme = [view, syntaxHighlighting(colours)];
