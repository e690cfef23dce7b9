import "@cloudscape-design/global-styles/index.css";
import "./app/app.css";
import { createRoot } from "react-dom/client";
import { App } from "./app/app";
import { applyTheme } from "./app/theme";
import { nameTokens } from "./app/tokens";

nameTokens();
applyTheme();
createRoot(document.getElementById("root") as HTMLElement).render(<App />);

// The server was updated and the chunk that a page asks for is no more: the page that was loaded is the old one.
addEventListener("vite:preloadError", (event) => {
  const key = "regent-console-reloaded";
  if (sessionStorage.getItem(key) === location.href) return; // once: the boundary shows what is wrong
  sessionStorage.setItem(key, location.href);
  event.preventDefault();
  location.reload();
});
