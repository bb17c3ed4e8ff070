/** The reason for an award by a rule. */
export interface BadgeEvidence {
  userId: string;
  definitionKey: string;
  /** The version of the definition that decided. */
  version: number;
  awardKey: string;
  decidedAt: string;
  /** The newest 200 deciding activities, newest first. */
  activityIds: number[];
  /** SHA-256, in hexadecimal digits. */
  digest: string;
}

/** Whether the rule holds by the data of today, up to the deciding activity. */
export type EvidenceReplay = 'reproduced' | 'drifted';
