import { text, type NavigationItem, type PageRoute } from "@/components/area";
import messages from "@/messages/en/roles";
import permissions from "@/messages/en/permissions";

const list = { text: text(messages, "title"), to: "/iam/roles" };
const iam = { text: text(messages, "iam"), to: "/iam" };
const inline = text(permissions, "inlineDocument");

export const routes: PageRoute[] = [
  { path: "iam/roles", lazy: () => import("./list"), handle: { crumbs: [iam, list.text] } },
  {
    path: "iam/roles/create",
    lazy: () => import("./create"),
    handle: { crumbs: [iam, list, text(messages, "create")] },
  },
  { path: "iam/roles/:name", lazy: () => import("./detail"), handle: { crumbs: [iam, list, ":name"] } },
  {
    path: "iam/roles/:name/trust",
    lazy: () => import("./edit-trust"),
    handle: { crumbs: [iam, list, ":name", text(messages, "trustTitle")] },
  },
  {
    path: "iam/roles/:name/inline",
    lazy: () => import("./inline"),
    handle: { crumbs: [iam, list, ":name", inline] },
  },
];

export const navigation: NavigationItem[] = [
  { section: "iam", order: 30, ...list, shortcut: "r" },
  { section: "iam", order: 31, text: text(messages, "create"), to: "/iam/roles/create", hidden: true },
];
