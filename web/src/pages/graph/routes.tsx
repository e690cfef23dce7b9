import { text, type NavigationItem, type PageRoute } from "@/components/area";
import messages from "@/messages/en/graph";

const title = text(messages, "title");

export const routes: PageRoute[] = [
  { path: "access/graph", lazy: () => import("./graph"), handle: { crumbs: [title] } },
];

export const navigation: NavigationItem[] = [{ section: "access", order: 30, text: title, to: "/access/graph" }];
