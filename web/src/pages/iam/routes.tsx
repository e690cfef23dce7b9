import { text, type NavigationItem, type PageRoute } from "@/components/area";
import messages from "@/messages/en/iam";

const title = text(messages, "title");

export const routes: PageRoute[] = [
  { path: "iam", lazy: () => import("./dashboard"), handle: { crumbs: [text(messages, "iam"), title] } },
];

export const navigation: NavigationItem[] = [{ section: "iam", order: 0, text: title, to: "/iam", shortcut: "i" }];
