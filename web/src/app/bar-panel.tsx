import { useCallback, useEffect, useId, useRef, useState, type ReactNode } from "react";

interface Props {
  /** What the button is called, where what it shows does not say it. */
  label?: string;
  /** What the panel is called. */
  title: string;
  className?: string;
  /** What the button shows. */
  button: (open: boolean) => ReactNode;
  onOpen?: () => void;
  children: (close: () => void) => ReactNode;
}

/** A panel that a button of the bar opens. It is no menu: it holds text, links and buttons. */
export function BarPanel({ label, title, className = "", button: shown, onOpen, children }: Props) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = useCallback(() => setOpen(false), []);

  useEffect(() => {
    if (!open) return;
    const outside = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    addEventListener("pointerdown", outside);
    addEventListener("focusin", outside);
    return () => {
      removeEventListener("pointerdown", outside);
      removeEventListener("focusin", outside);
    };
  }, [open]);

  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- Escape closes from wherever the focus is
    <div
      ref={root}
      className={`bar-holder ${className}`}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button
        ref={button}
        type="button"
        className="bar-button"
        aria-label={label}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => {
          if (!open) onOpen?.();
          setOpen(!open);
        }}
      >
        {shown(open)}
      </button>
      {open && (
        <section id={id} className="bar-panel" aria-label={title}>
          {children(close)}
        </section>
      )}
    </div>
  );
}
