import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { Buffer } from "./buffer";

/**
 * useBuffer keeps a buffer and the value of its owner the same, whichever of them changes. What comes back from the
 * owner was sent to it before, and may be older than what has been typed since: only what was never sent is another's.
 */
export function useBuffer(value: string, onChange: (text: string) => void): Buffer {
  const [buffer] = useState(() => new Buffer(value));
  const text = useSyncExternalStore(buffer.subscribe, buffer.snapshot);
  const sent = useRef<string[]>([]);
  const known = useRef(value);

  useEffect(() => {
    if (text === known.current) return;
    known.current = text;
    sent.current.push(text);
    onChange(text);
  }, [text, onChange]);

  useEffect(() => {
    const at = sent.current.indexOf(value);
    sent.current.splice(0, at + 1);
    if (at >= 0 || value === known.current) return;
    known.current = value;
    sent.current = [];
    buffer.write(value);
  }, [buffer, value]);

  return buffer;
}
