import { text, type NavigationItem, type PageRoute } from "@/components/area";
import messages from "@/messages/en/users";

const list = { text: text(messages, "title"), to: "/iam/users" };
const iam = { text: text(messages, "iam"), to: "/iam" };

export const routes: PageRoute[] = [
  { path: "iam/users", lazy: () => import("./list"), handle: { crumbs: [iam, list.text] } },
  { path: "iam/users/:name", lazy: () => import("./detail"), handle: { crumbs: [iam, list, ":name"] } },
  {
    path: "iam/access-keys/:key",
    lazy: () => import("./access-key"),
    handle: { crumbs: [iam, text(messages, "keysTitle"), ":key"] },
  },
];

export const navigation: NavigationItem[] = [{ section: "iam", order: 10, ...list, shortcut: "u" }];
