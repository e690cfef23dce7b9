import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMemo, useState } from "react";
import { useMessages } from "@/messages";
import words from "@/messages/en/policy";
import { diffLines, hunksOf, type Line } from "../model/diff";
import { format } from "../model/edit";
import { tryParse } from "../model/json";
import "../policy.css";

interface Props {
  before: string;
  after: string;
  label?: string;
}

/** What differs between two documents, line by line. A document on a single line is formatted first. */
export function PolicyDiff({ before, after, label }: Props) {
  const m = useMessages(words);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const { lines, formatted } = useMemo(() => differences(before, after), [before, after]);
  const hunks = useMemo(() => hunksOf(lines), [lines]);
  const added = lines.filter((l) => l.kind === "added").length;
  const removed = lines.filter((l) => l.kind === "removed").length;
  if (added + removed === 0) {
    return <Box color="text-body-secondary">{before === after ? m("diffSame") : m("diffBlank")}</Box>;
  }
  return (
    <div>
      <SpaceBetween size="xs">
        <Box color="text-body-secondary" fontSize="body-s">
          <div>{m("diffCounts", { added, removed })}</div>
          {formatted && <div>{m("diffFormatted")}</div>}
        </Box>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls */}
        <div className="policy-lines" tabIndex={0} role="region" aria-label={label ?? m("diffLabel")}>
          <table>
            <thead className="policy-unseen">
              <tr>
                <th scope="col">{m("diffBefore")}</th>
                <th scope="col">{m("diffAfter")}</th>
                <th scope="col" colSpan={2}>
                  {label ?? m("diffLabel")}
                </th>
              </tr>
            </thead>
            <tbody>
              {hunks.map((hunk, i) =>
                "lines" in hunk || open.has(i) ? (
                  ("lines" in hunk ? hunk.lines : hunk.hidden).map((line) => <DiffLine key={keyOf(line)} line={line} />)
                ) : (
                  <tr key={`hidden${i}`}>
                    <td className="policy-more" colSpan={4}>
                      <Button formAction="none" variant="inline-link" onClick={() => setOpen(new Set([...open, i]))}>
                        {m("diffHidden", { count: hunk.hidden.length })}
                      </Button>
                    </td>
                  </tr>
                ),
              )}
            </tbody>
          </table>
        </div>
      </SpaceBetween>
    </div>
  );
}

const keyOf = (line: Line) => `${line.before ?? ""}:${line.after ?? ""}`;

const signs = { same: "", added: "+", removed: "−" };

function DiffLine({ line }: { line: Line }) {
  const m = useMessages(words);
  return (
    <tr className={`policy-${line.kind}`}>
      <td className="policy-number">{line.before}</td>
      <td className="policy-number">{line.after}</td>
      <td className="policy-sign">
        <span aria-hidden="true">{signs[line.kind]}</span>
        {line.kind !== "same" && (
          <span className="policy-unseen">{line.kind === "added" ? m("diffAdded") : m("diffRemoved")}</span>
        )}
      </td>
      <td className="policy-text">{line.text}</td>
    </tr>
  );
}

/** differences compares two texts as they are, or formatted where one of them is a single line of JSON. */
export function differences(before: string, after: string): { lines: Line[]; formatted: boolean } {
  const flat = (text: string) => text.length > 80 && !text.trim().includes("\n");
  const a = tryParse(before).node;
  const b = tryParse(after).node;
  if (a && b && (flat(before) || flat(after))) {
    return { lines: diffLines(format(before, a), format(after, b)), formatted: true };
  }
  return { lines: diffLines(before, after), formatted: false };
}
