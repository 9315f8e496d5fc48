/* CPUID as the guest sees it: a mobile Core i7 of 2018 with four cores and
 * eight logical processors, no hypervisor, and none of what the engine cannot run (AVX, FMA, F16C,
 * XSAVE), so that code which asks takes its SSE path. Layout: SDM volume 2,
 * CPUID. */
#include "engine.h"

typedef struct leaf {
	uint32_t id, eax, ebx, ecx, edx;
} leaf;

static const leaf leaves[] = {
	{0x00000000, 0x16, 0x756E6547, 0x6C65746E, 0x49656E69}, /* GenuineIntel */
	/* Family 6, model 8Eh, stepping 11. SSE3 PCLMULQDQ SSSE3 CX16 SSE4.1 SSE4.2
	 * MOVBE POPCNT AES RDRAND */
	{0x00000001, 0x000806EB, 0x00100800, 0x42D82203, 0x178BFBFF},
	{0x00000002, 0x76036301, 0x00F0B5FF, 0x00000000, 0x00C30000},
	{0x00000006, 0x00000004, 0, 0, 0},
	/* FSGSBASE BMI1 SMEP BMI2 ERMS RDSEED ADX SMAP */
	{0x00000007, 0, 0x001C0389, 0, 0},
	{0x00000015, 2, 166, 24000000, 0},
	{0x00000016, 1992, 4600, 100, 0},
	{0x80000000, 0x80000008, 0, 0, 0},
	{0x80000001, 0, 0, 0x00000121, 0x2C100800}, /* LAHF LZCNT PREFETCHW; SYSCALL NX 1G RDTSCP LM */
	{0x80000002, 0x65746E49, 0x2952286C, 0x726F4320, 0x4D542865}, /* "Intel(R) Core(TM" */
	{0x80000003, 0x37692029, 0x3635382D, 0x43205535, 0x40205550}, /* ") i7-8565U CPU @" */
	{0x80000004, 0x382E3120, 0x7A484730, 0, 0},                   /* " 1.80GHz" */
	{0x80000006, 0, 0, 0x01006040, 0},
	{0x80000007, 0, 0, 0, 0x00000100}, /* invariant TSC */
	{0x80000008, 0x00003027, 0, 0, 0}, /* 39 physical, 48 linear address bits */
};

/* Leaf 4, one row per cache: 32 KiB L1 data and code, 256 KiB L2, 8 MiB L3. */
static const leaf caches[] = {
	{0, 0x1C004121, 0x01C0003F, 63, 0},
	{1, 0x1C004122, 0x01C0003F, 63, 0},
	{2, 0x1C004143, 0x00C0003F, 1023, 0},
	{3, 0x1C03C163, 0x03C0003F, 8191, 6},
};

/* Leaf 0Bh: two threads to a core, eight to the package. */
static const leaf topology[] = {
	{0, 1, 2, 0x100, 0},
	{1, 4, 8, 0x201, 0},
};

static const leaf *lookup(const leaf *table, size_t n, uint32_t id)
{
	static const leaf zero;
	for (size_t i = 0; i < n; i++)
		if (table[i].id == id)
			return &table[i];
	return &zero;
}

#define LOOKUP(table, id) lookup(table, sizeof(table) / sizeof *(table), id)

static const leaf *find(uint32_t id, uint32_t sub)
{
	switch (id) {
	case 0x4: return LOOKUP(caches, sub);
	case 0xB: return LOOKUP(topology, sub);
	case 0x7: return LOOKUP(leaves, sub ? UINT32_MAX : id); /* has subleaf 0 only */
	}
	return LOOKUP(leaves, id);
}

int st_on_cpuid(uc_engine *uc, void *data)
{
	(void)data;
	uint64_t rax = 0, rcx = 0;
	uc_reg_read(uc, UC_X86_REG_RAX, &rax);
	uc_reg_read(uc, UC_X86_REG_RCX, &rcx);
	const leaf *l = find((uint32_t)rax, (uint32_t)rcx);
	const uint64_t a = l->eax, b = l->ebx, c = l->ecx, d = l->edx; /* upper halves are cleared */
	uc_reg_write(uc, UC_X86_REG_RAX, &a);
	uc_reg_write(uc, UC_X86_REG_RBX, &b);
	uc_reg_write(uc, UC_X86_REG_RCX, &c);
	uc_reg_write(uc, UC_X86_REG_RDX, &d);
	return 1; /* the engine's own answer is not wanted */
}
