import I18nProvider from "@cloudscape-design/components/i18n";
import cloudscape from "@cloudscape-design/components/i18n/messages/all.en";
import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { RouterProvider } from "react-router";
import { newQueryClient } from "@/aws/queries";
import { Insecure } from "./insecure";
import { newRouter } from "./routes";

export function App() {
  const [queries] = useState(newQueryClient);
  // crypto.subtle exists only on https and loopback; without it nothing can be signed.
  if (!isSecureContext) {
    return (
      <I18nProvider locale="en" messages={[cloudscape]}>
        <Insecure />
      </I18nProvider>
    );
  }
  return (
    <I18nProvider locale="en" messages={[cloudscape]}>
      <QueryClientProvider client={queries}>
        <Console />
      </QueryClientProvider>
    </I18nProvider>
  );
}

function Console() {
  const [router] = useState(newRouter);
  return <RouterProvider router={router} />;
}
