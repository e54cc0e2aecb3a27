/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Knobs: constants that the loader sets before the load. They live in a read-only, frozen map, so the verifier knows
 * their values and removes the branches that they rule out.
 */
#ifndef DP_CONFIG_H
#define DP_CONFIG_H

#define DP_CONFIG(type, name, description) \
	const volatile type name __attribute__((btf_decl_tag("description: " description), weak))

#endif
