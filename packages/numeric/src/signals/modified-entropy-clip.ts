/** Arguments of logarithms in the modified entropy are not taken below this, as in the authors' code. */
export const smallestLogArgument = 1e-30;
