import { text, type NavigationItem, type PageRoute } from "@/components/area";
import messages from "@/messages/en/why";

const title = text(messages, "title");

export const routes: PageRoute[] = [
  { path: "events/why", lazy: () => import("./ask"), handle: { crumbs: [title] } },
  {
    path: "events/:id/why",
    lazy: () => import("./why"),
    handle: { crumbs: [{ text: title, to: "/events/why" }, ":id"] },
  },
];

export const navigation: NavigationItem[] = [
  { section: "access", order: 10, text: title, to: "/events/why", shortcut: "w" },
];
