import { text, type NavigationItem, type PageRoute } from "@/components/area";
import messages from "@/messages/en/users";
import permissions from "@/messages/en/permissions";

const list = { text: text(messages, "title"), to: "/iam/users" };
const iam = { text: text(messages, "iam"), to: "/iam" };

export const routes: PageRoute[] = [
  { path: "iam/users", lazy: () => import("./list"), handle: { crumbs: [iam, list.text] } },
  {
    path: "iam/users/create",
    lazy: () => import("./create"),
    handle: { crumbs: [iam, list, text(messages, "create")] },
  },
  { path: "iam/users/:name", lazy: () => import("./detail"), handle: { crumbs: [iam, list, ":name"] } },
  {
    path: "iam/access-keys/:key",
    lazy: () => import("./access-key"),
    handle: { crumbs: [iam, text(messages, "keysTitle"), ":key"] },
  },
  {
    path: "iam/users/:name/inline",
    lazy: () => import("./inline"),
    handle: { crumbs: [iam, list, ":name", text(permissions, "inlineDocument")] },
  },
];

export const navigation: NavigationItem[] = [
  { section: "iam", order: 10, ...list, shortcut: "u" },
  { section: "iam", order: 11, text: text(messages, "create"), to: "/iam/users/create", hidden: true },
];
