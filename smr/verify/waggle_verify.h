/*
 * Verifies proofs of Waggle, commit proofs and sealed proofs, from any language that can call C.
 * Needs the genesis file and nothing else: no network, no running replica. What a proof is, what it
 * proves and on what it rests: docs/proofs.md.
 *
 * Thread-safe. Nothing is kept between calls, nothing is left to be freed, and no C++ exception
 * leaves these functions. Link with waggle_verify and a C++ runtime.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What waggle_verify_proof returns. The numbers are frozen. */
enum {
  WAGGLE_PROOF_VALID = 0,
  /* The proof proves nothing. */
  WAGGLE_PROOF_MALFORMED = 1,     /* not the canonical encoding of a proof */
  WAGGLE_PROOF_VERSION = 2,       /* another version of the encoding, or something else */
  WAGGLE_PROOF_WRONG_CHAIN = 3,   /* made for another genesis file */
  WAGGLE_PROOF_BROKEN_CHAIN = 4,  /* the headers do not form a chain */
  WAGGLE_PROOF_BAD_STRUCTURE = 5, /* leaders, heights, views or certificates of the headers */
  WAGGLE_PROOF_NO_PAIR = 6,       /* the upper block's certificate is for none of those below */
  WAGGLE_PROOF_SIGNERS = 7,       /* not signed by exactly one quorum */
  WAGGLE_PROOF_BAD_SIGNATURE = 8, /* a signature does not verify */
  WAGGLE_PROOF_MISSING_TIPS = 9,  /* rule 5.2: a timeout certificate is not opened */
  WAGGLE_PROOF_BAD_TIPS = 10,     /* rule 5.2: a tip list is not the certificate's */
  WAGGLE_PROOF_OTHER_TIP = 11,    /* rule 5.2: another tip, not shown to extend the block */
  WAGGLE_PROOF_SUPERFLUOUS = 12,  /* parts that prove nothing */
  WAGGLE_PROOF_NOT_INCLUDED = 13, /* the command is not where the proof says */
  WAGGLE_PROOF_WRONG_KIND = 14,   /* the genesis file's protocol has proofs of the other kind */
  WAGGLE_PROOF_TOO_FEW_SERVERS = 15, /* a seal by not more than half of the servers */
  WAGGLE_PROOF_SERVER_TWICE = 16,    /* a seal that counts a server twice */
  WAGGLE_PROOF_UNKNOWN_SERVER = 17,  /* a seal with a server that the genesis file does not name */
  WAGGLE_PROOF_OTHER_LENGTH = 18,    /* the shortest COMMIT is not for the sequence opened */
  /* Nothing can be said of the proof. */
  WAGGLE_BAD_GENESIS = 64,  /* the genesis file does not parse */
  WAGGLE_BAD_ARGUMENT = 65, /* a null pointer with a length above 0 */
  WAGGLE_NO_MEMORY = 66,
  WAGGLE_INTERNAL = 67 /* a bug of this library */
};

/* Kinds of proof, and with it on whose behaviour a proof rests. */
enum {
  WAGGLE_COMMIT_PROOF = 0, /* of pBeeGees: holds while at most f of n replicas lie or are faulty */
  WAGGLE_SEALED_PROOF = 1  /* of the median core: holds while no server lies; any may crash */
};

typedef struct {
  uint8_t id[32];
  uint64_t height;
  uint64_t view;
} waggle_block;

/*
 * What a valid proof proves: that the command lies on the chain, committed, at this place. Not
 * proven is the result of executing it.
 */
typedef struct {
  uint8_t client[32]; /* its public key */
  uint64_t number;    /* the client's own number for the command */
  const uint8_t* command; /* inside the caller's proof */
  size_t command_size;
  int kind;               /* WAGGLE_COMMIT_PROOF or WAGGLE_SEALED_PROOF */
  const char* rests_on;   /* the fault model of that kind, a sentence; never to be freed */
  uint64_t position;      /* among the block's commands; else among those of the whole chain */
  uint32_t signers;       /* of the certificate, or of the seal */
  /* Of a sealed proof; otherwise zero. */
  uint64_t window;        /* of the seal */
  uint64_t length;        /* commands that it seals, from the first on */
  /* Of a commit proof; otherwise zero. */
  int by_history;         /* 0: `block` holds the command; 1: some block below it does */
  waggle_block block;
  waggle_block committed; /* that q replicas' certificate commits: `block` or a descendant */
  waggle_block certified; /* and that certificate's own block */
} waggle_proven;

/*
 * Judges a proof against the bytes of genesis.toml. Returns one of the codes above, and on
 * WAGGLE_PROOF_VALID fills *proven, unless that is null. Otherwise *proven is left alone.
 */
int waggle_verify_proof(const uint8_t* proof, size_t proof_size, const uint8_t* genesis,
                        size_t genesis_size, waggle_proven* proven);

/* A sentence for a code; never null, never to be freed. */
const char* waggle_verify_reason(int code);

#ifdef __cplusplus
}
#endif
