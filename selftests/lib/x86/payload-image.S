/* SPDX-License-Identifier: GPL-2.0-only */
/* The linked payload, flat, as bytes of the test program. */
	.section .rodata
	.globl guest_payload, guest_payload_end
guest_payload:
	.incbin PAYLOAD_BIN
guest_payload_end:
	.section .note.GNU-stack,"",@progbits
