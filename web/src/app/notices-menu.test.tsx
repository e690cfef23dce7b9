import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useEffect } from "react";
import { expect, test } from "vitest";
import { problemOf } from "@/aws";
import { denied, renderElement } from "@/test/render";
import { NoticesMenu } from "./notices-menu";
import { useNoticeList, type NoticeList } from "./notices";

function Bar() {
  const list = useNoticeList();
  useEffect(() => given(list), [list]);
  return (
    <>
      <NoticesMenu notices={list} />
      <p>{list.entries.length}</p>
    </>
  );
}

let list: NoticeList;
const given = (now: NoticeList) => {
  list = now;
};

test("what was said is kept after it went by, counted until it is looked at, and cleared", async () => {
  const user = userEvent.setup();
  renderElement(<Bar />);
  const button = () => screen.getByRole("button", { name: /^Notifications/ });
  expect(button().getAttribute("aria-label")).toBe("Notifications");
  act(() => list.success("User bob was created."));
  act(() => list.problem(problemOf(denied("iam:DeleteUser", "arn:aws:iam::111122223333:user/bob"))));
  expect(button().getAttribute("aria-label")).toBe("Notifications, 2 unread");
  act(() => {
    for (const { id } of list.entries) list.dismiss(id);
  });
  await user.click(button());
  const region = screen.getByRole("region", { name: "Notifications" });
  const lines = [...region.querySelectorAll("li")].map((li) => li.textContent);
  expect(lines[0]).toMatch(/^You may not iam:DeleteUser/);
  expect(lines[1]).toMatch(/^User bob was created\./);
  expect(button().getAttribute("aria-label")).toBe("Notifications");
  await user.click(screen.getByRole("button", { name: "Clear" }));
  expect(region.querySelectorAll("li")).toHaveLength(0);
  await user.keyboard("{Escape}");
  expect(screen.queryByRole("region", { name: "Notifications" })).toBeNull();
  expect(document.activeElement).toBe(button());
});
