// What a client written against the generated types may do, and what its compiler must refuse.
import createClient from "openapi-fetch";
import type { components, paths } from "../build/crm";

type Lead = components["schemas"]["LeadRead"];

const crm = createClient<paths>({ baseUrl: "https://crm.example.dz" });

export async function writeToTheNewestInFrench(): Promise<string> {
  const { data, error } = await crm.GET("/v1/leads", {
    params: { query: { status: ["new"], limit: 20 } },
  });
  if (error) return `${error.code}: ${error.title}`;
  const lead: Lead | undefined = data.data[0];
  if (!lead) return "nobody";
  const { response } = await crm.PATCH("/v1/leads/{lead_id}", {
    params: { path: { lead_id: lead.id }, header: { "If-Match": `"${lead.version}"` } },
    body: { preferred_language: "fr", need: null },
  });
  return response.status === 412 ? "somebody was faster" : "done";
}

export async function refused(): Promise<void> {
  const path = { lead_id: "01936e2a-7c1e-7b3a-9f60-3d5b2b8f1c11" };
  // @ts-expect-error no such language
  await crm.PATCH("/v1/leads/{lead_id}", { params: { path, header: { "If-Match": '"1"' } }, body: { preferred_language: "nope" } });
  // @ts-expect-error If-Match is required
  await crm.PATCH("/v1/leads/{lead_id}", { params: { path }, body: { need: null } });
  // @ts-expect-error no such path
  await crm.GET("/v1/nowhere");
}
