/** Numbers what is asked for, so that the answer to an older question is known as such, and dropped. */
export class Latest {
  #number = 0;

  next(): number {
    return ++this.#number;
  }

  is(number: number): boolean {
    return number === this.#number;
  }
}
