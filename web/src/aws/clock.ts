/**
 * The server's clock. Ends of sessions and credentials are the server's times, and a browser's clock may be wrong by
 * hours: every answer of a JSON call says how far.
 */
let offset = 0;

/** now returns the server's time in milliseconds, as well as we know it. */
export function now(): number {
  return Date.now() + offset;
}

/** clockOffset returns what to add to the browser's clock to get the server's. */
export function clockOffset(): number {
  return offset;
}

/** learnClock takes the Date header of an answer. It has whole seconds: a difference below two is none. */
export function learnClock(date: string | null): void {
  const server = date === null ? NaN : Date.parse(date);
  if (Number.isNaN(server)) return;
  const difference = server + 500 - Date.now();
  offset = Math.abs(difference) < 2000 ? 0 : difference;
}
