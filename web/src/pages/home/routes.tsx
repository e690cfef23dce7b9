import { text, type NavigationItem, type PageRoute } from "@/components/area";
import messages from "@/messages/en/home";

export const routes: PageRoute[] = [
  { index: true, lazy: () => import("./home"), handle: { crumbs: [text(messages, "title")] } },
];

export const navigation: NavigationItem[] = [
  { section: "home", order: 0, text: text(messages, "title"), to: "/", shortcut: "h" },
];
