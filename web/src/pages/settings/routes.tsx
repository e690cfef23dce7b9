import { text, type NavigationItem, type PageRoute } from "@/components/area";
import iam from "@/messages/en/iam";
import messages from "@/messages/en/settings";

const title = text(messages, "title");

export const routes: PageRoute[] = [
  {
    path: "iam/settings",
    lazy: () => import("./page"),
    handle: { crumbs: [{ text: text(iam, "iam"), to: "/iam" }, title] },
  },
];

export const navigation: NavigationItem[] = [{ section: "iam", order: 60, text: title, to: "/iam/settings" }];
