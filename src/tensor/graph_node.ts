/** What stands behind a tensor made by a differentiable operation; `autograd` knows more. */
export interface GraphNode {
  readonly id: number;
  /** An output lost its owner. */
  drop(): void;
}
