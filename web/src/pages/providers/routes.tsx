import { text, type NavigationItem, type PageRoute } from "@/components/area";
import iam from "@/messages/en/iam";
import messages from "@/messages/en/providers";

const title = text(messages, "title");
const list = { text: title, to: "/iam/providers" };
const up = { text: text(iam, "iam"), to: "/iam" };

export const routes: PageRoute[] = [
  { path: "iam/providers", lazy: () => import("./list"), handle: { crumbs: [up, title] } },
  { path: "iam/providers/:arn", lazy: () => import("./detail"), handle: { crumbs: [up, list, ":arn"] } },
];

export const navigation: NavigationItem[] = [{ section: "iam", order: 50, text: title, to: "/iam/providers" }];
