/* Verifies a proof of either kind from C: verify_proof PROOF GENESIS. Exit code as of `waggle verify`. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "smr/verify/waggle_verify.h"

/* The whole file, to be freed; null if it cannot be read. */
static uint8_t* read_file(const char* path, size_t* size) {
  const size_t most = 16u << 20;
  FILE* file = fopen(path, "rb");
  uint8_t* bytes = file != NULL ? malloc(most) : NULL;
  *size = bytes != NULL ? fread(bytes, 1, most, file) : 0;
  if (file != NULL) fclose(file);
  return bytes;
}

int main(int argc, char** argv) {
  size_t proof_size = 0, genesis_size = 0;
  uint8_t* proof = argc == 3 ? read_file(argv[1], &proof_size) : NULL;
  uint8_t* genesis = argc == 3 ? read_file(argv[2], &genesis_size) : NULL;
  waggle_proven proven;
  int code = WAGGLE_BAD_ARGUMENT;
  if (proof != NULL && genesis != NULL) {
    code = waggle_verify_proof(proof, proof_size, genesis, genesis_size, &proven);
  }
  printf("%s\n", waggle_verify_reason(code));
  if (code == WAGGLE_PROOF_VALID) {
    printf("command %" PRIu64 " of its client, %lu bytes, %" PRIu32 " signers\n", proven.number,
           (unsigned long)proven.command_size, proven.signers);
    if (proven.kind == WAGGLE_SEALED_PROOF) {
      printf("sealed in window %" PRIu64 ", as entry %" PRIu64 " of %" PRIu64 "\n", proven.window,
             proven.position + 1, proven.length);
    } else {
      printf("committed at or below height %" PRIu64 " in view %" PRIu64 "\n", proven.block.height,
             proven.block.view);
    }
    printf("rests on: %s\n", proven.rests_on);
  }
  free(proof);
  free(genesis);
  if (code == WAGGLE_PROOF_VALID) return 0;
  return code > WAGGLE_PROOF_VERSION && code < WAGGLE_BAD_GENESIS ? 1 : 2;
}
