import { text, type NavigationItem, type PageRoute } from "@/components/area";
import messages from "@/messages/en/groups";
import permissions from "@/messages/en/permissions";

const list = { text: text(messages, "title"), to: "/iam/groups" };
const iam = { text: text(messages, "iam"), to: "/iam" };
const inline = text(permissions, "inlineDocument");

export const routes: PageRoute[] = [
  { path: "iam/groups", lazy: () => import("./list"), handle: { crumbs: [iam, list.text] } },
  {
    path: "iam/groups/create",
    lazy: () => import("./create"),
    handle: { crumbs: [iam, list, text(messages, "create")] },
  },
  { path: "iam/groups/:name", lazy: () => import("./detail"), handle: { crumbs: [iam, list, ":name"] } },
  { path: "iam/groups/:name/inline", lazy: () => import("./inline"), handle: { crumbs: [iam, list, ":name", inline] } },
];

export const navigation: NavigationItem[] = [
  { section: "iam", order: 20, ...list, shortcut: "g" },
  { section: "iam", order: 21, text: text(messages, "create"), to: "/iam/groups/create", hidden: true },
];
