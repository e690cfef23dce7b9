import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// Pages are loaded lazily, and the first to be loaded is compiled first.
configure({ asyncUtilTimeout: 30_000 });

afterEach(() => {
  cleanup();
  localStorage.clear();
  sessionStorage.clear();
});
