/** What is said to the user above the page; the shell shows it. */
import { createContext, useContext } from "react";
import type { Problem } from "./errors";

export interface Notices {
  success(text: string): void;
  info(text: string): void;
  warning(text: string): void;
  problem(problem: Problem): void;
}

const silent: Notices = { success() {}, info() {}, warning() {}, problem() {} };

export const NoticesContext = createContext<Notices>(silent);

export function useNotices(): Notices {
  return useContext(NoticesContext);
}
