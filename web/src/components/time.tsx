import { useLocale, useMessages } from "@/messages";
import common from "@/messages/en/common";
import { now } from "@/aws";

interface Props {
  value: Date | string | undefined;
  /** Only the day. */
  date?: boolean;
  /** "3 hours ago". */
  relative?: boolean;
  /** What is shown where there is no time; a dash unless said. */
  none?: string;
}

/** A time as the reader writes it, in their time zone; the pointer shows it in UTC. */
export function Time({ value, date = false, relative = false, none = "–" }: Props) {
  const locale = useLocale();
  const m = useMessages(common);
  const time = toDate(value);
  if (time === undefined) return <>{none}</>;
  const utc = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" }).format(
    time,
  );
  return (
    <time dateTime={time.toISOString()} title={m("timeUtc", { time: utc })}>
      {relative ? ago(time, now(), locale) : local(time, date, locale)}
    </time>
  );
}

function local(time: Date, date: boolean, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: date ? undefined : "short" }).format(time);
}

function toDate(value: Date | string | undefined): Date | undefined {
  if (value === undefined || value === "") return undefined;
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 24 * 3600],
  ["month", 30 * 24 * 3600],
  ["day", 24 * 3600],
  ["hour", 3600],
  ["minute", 60],
];

/** A time as the distance from now, in the largest unit of which there is one. */
export function ago(time: Date, from: number, locale: string): string {
  const seconds = Math.round((time.getTime() - from) / 1000);
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  for (const [unit, size] of units) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(0, "second");
}
