import { text, type NavigationItem, type PageRoute } from "@/components/area";
import messages from "@/messages/en/simulator";

const title = text(messages, "title");

export const routes: PageRoute[] = [
  { path: "access/simulator", lazy: () => import("./simulator"), handle: { crumbs: [title] } },
];

export const navigation: NavigationItem[] = [{ section: "access", order: 20, text: title, to: "/access/simulator" }];
