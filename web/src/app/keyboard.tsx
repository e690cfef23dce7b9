/** Shortcuts, the list of them, and the command palette. */
import Box from "@cloudscape-design/components/box";
import Modal from "@cloudscape-design/components/modal";
import { useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { useGo } from "@/components/links";
import { LanguageContext, useMessages } from "@/messages";
import shell from "@/messages/en/shell";
import { navigation } from "./routes";

export { Palette } from "./palette";

/** How long g waits for its letter. */
const patience = 1500;

/** When g was pressed that was never pressed, or whose letter has come. */
const never = -Infinity;

export function useShortcuts() {
  const [shown, setShown] = useState<"palette" | "help">();
  const go = useGo();
  const pending = useRef(never);
  const openPalette = useCallback(() => setShown("palette"), []);
  const openHelp = useCallback(() => setShown("help"), []);
  const close = useCallback(() => setShown(undefined), []);

  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setShown("palette");
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (isTyping(event.target) || document.querySelector('[role="dialog"], dialog[open]')) return;
      const afterG = performance.now() - pending.current < patience;
      pending.current = never;
      if (afterG) {
        const line = navigation.find((n) => n.shortcut === event.key);
        if (line) {
          event.preventDefault();
          go(line.to);
          return;
        }
      }
      if (event.key === "g") pending.current = performance.now();
      if (event.key === "/" || event.key === "?") {
        event.preventDefault();
        setShown(event.key === "/" ? "palette" : "help");
      }
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [go]);

  return { palette: shown === "palette", help: shown === "help", openPalette, openHelp, close };
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

export function Help({ close }: { close: () => void }) {
  const m = useMessages(shell);
  const language = useContext(LanguageContext);
  const keys = useMemo(
    () => [
      { keys: ["/"], text: m("helpPalette") },
      { keys: ["Ctrl", "K"], text: m("helpPalette") },
      { keys: ["?"], text: m("helpHelp") },
      { keys: ["Esc"], text: m("helpEscape") },
      ...navigation
        .filter((n) => n.shortcut)
        .map((n) => ({ keys: ["g", n.shortcut ?? ""], text: m("helpGo", { page: n.text.in(language) }) })),
    ],
    [m, language],
  );
  return (
    <Modal visible onDismiss={close} header={m("helpTitle")}>
      <table className="keys">
        <tbody>
          {keys.map((k) => (
            <tr key={k.keys.join()}>
              <th scope="row">
                {k.keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </th>
              <td>
                <Box>{k.text}</Box>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Modal>
  );
}
