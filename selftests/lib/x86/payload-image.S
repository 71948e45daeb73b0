/* SPDX-License-Identifier: GPL-2.0-only */
/* The linked payload, flat, as bytes of the test program. */
	.section .rodata
	.globl guest_payload, guest_payload_size
	.balign 8
guest_payload_size:
	.quad end - guest_payload
guest_payload:
	.incbin PAYLOAD_BIN
end:
	.section .note.GNU-stack,"",@progbits
