import { text, type NavigationItem, type PageRoute } from "@/components/area";
import messages from "@/messages/en/policies";

const list = { text: text(messages, "title"), to: "/iam/policies" };
const iam = { text: text(messages, "iam"), to: "/iam" };

export const routes: PageRoute[] = [
  { path: "iam/policies", lazy: () => import("./list"), handle: { crumbs: [iam, list.text] } },
  {
    path: "iam/policies/create",
    lazy: () => import("./create"),
    handle: { crumbs: [iam, list, text(messages, "create")] },
  },
  { path: "iam/policies/:arn", lazy: () => import("./detail"), handle: { crumbs: [iam, list, ":arn"] } },
  {
    path: "iam/policies/:arn/edit",
    lazy: () => import("./edit"),
    handle: { crumbs: [iam, list, text(messages, "edit")] },
  },
];

export const navigation: NavigationItem[] = [{ section: "iam", order: 40, ...list, shortcut: "p" }];
