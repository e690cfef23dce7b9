import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useId, type ReactNode } from "react";

interface Props {
  title: string;
  description?: string;
  children: ReactNode;
}

/** Some controls under one title. A FormField would give its title to each of them as a name. */
export function Part({ title, description, children }: Props) {
  const id = useId();
  return (
    <div role="group" aria-labelledby={id}>
      <SpaceBetween size="xxs">
        <Box variant="awsui-key-label">
          <span id={id}>{title}</span>
        </Box>
        {description && (
          <Box color="text-body-secondary" fontSize="body-s">
            {description}
          </Box>
        )}
        {children}
      </SpaceBetween>
    </div>
  );
}
