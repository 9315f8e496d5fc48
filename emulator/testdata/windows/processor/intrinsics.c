// build: -mavx2 -mfma -mf16c -maes -mpclmul
/* AVX, AVX2, FMA, F16C, AES and carry-less multiplication, one by one. */
#include "check.h"
#include <immintrin.h>

static unsigned char in[96] __attribute__((aligned(32)));

#define Y(label, x) do { __m256i v_ = (x); unsigned char t_[32]; _mm256_storeu_si256((__m256i *)t_, v_); check_bytes(label, t_, 32); } while (0)
#define X(label, x) do { __m128i v_ = (x); unsigned char t_[16]; _mm_storeu_si128((__m128i *)t_, v_); check_bytes(label, t_, 16); } while (0)
#define YI(x) Y(#x, x)
#define XI(x) X(#x, x)
#define YF(x) Y(#x, _mm256_castps_si256(x))
#define YG(x) Y(#x, _mm256_castpd_si256(x))
#define XF(x) X(#x, _mm_castps_si128(x))

int main(void)
{
	for (int i = 0; i < 96; i++)
		in[i] = (unsigned char)(i * 37 + 11);
	__m256i a = _mm256_load_si256((__m256i *)in), b = _mm256_loadu_si256((__m256i *)(in + 17));
	__m128i xa = _mm256_castsi256_si128(a), xb = _mm256_castsi256_si128(b);
	__m256 f = _mm256_setr_ps(1.5f, -2.25f, 3e10f, -0.0f, 1e-40f, 7, 1.0f / 3, 65504), h = _mm256_setr_ps(2, 0.1f, -3e30f, 5, 1e-3f, -7, 3, 0.5f);
	__m256d g = _mm256_setr_pd(1.5, -2e300, 1.0 / 3, -0.0), k = _mm256_setr_pd(3, 1e10, -7.5, 0.1);

	YI(_mm256_add_epi8(a, b)); YI(_mm256_adds_epi8(a, b)); YI(_mm256_subs_epu16(a, b)); YI(_mm256_mullo_epi32(a, b));
	YI(_mm256_mul_epi32(a, b)); YI(_mm256_mulhrs_epi16(a, b)); YI(_mm256_maddubs_epi16(a, b)); YI(_mm256_madd_epi16(a, b));
	YI(_mm256_sad_epu8(a, b)); YI(_mm256_mpsadbw_epu8(a, b, 5)); YI(_mm256_hadd_epi16(a, b)); YI(_mm256_sign_epi8(a, b));
	YI(_mm256_shuffle_epi8(a, b)); YI(_mm256_alignr_epi8(a, b, 5)); YI(_mm256_unpackhi_epi16(a, b)); YI(_mm256_packus_epi32(a, b));
	YI(_mm256_permutevar8x32_epi32(a, b)); YI(_mm256_permute4x64_epi64(a, 0x1B)); YI(_mm256_permute2x128_si256(a, b, 0x21)); YI(_mm256_blendv_epi8(a, b, _mm256_slli_epi32(a, 3)));
	YI(_mm256_blend_epi32(a, b, 0xA5)); YI(_mm256_slli_si256(a, 3)); YI(_mm256_srli_epi64(a, 13)); YI(_mm256_srai_epi16(a, 3));
	YI(_mm256_sllv_epi32(a, _mm256_and_si256(b, _mm256_set1_epi32(63)))); YI(_mm256_srlv_epi64(a, _mm256_and_si256(b, _mm256_set1_epi64x(127)))); YI(_mm256_srav_epi32(a, _mm256_and_si256(b, _mm256_set1_epi32(63))));
	YI(_mm256_cmpgt_epi64(a, b)); YI(_mm256_max_epu32(a, b)); YI(_mm256_min_epi8(a, b)); YI(_mm256_abs_epi16(a)); YI(_mm256_cvtepi8_epi32(xa)); YI(_mm256_cvtepu16_epi64(xa));
	YI(_mm256_broadcastb_epi8(xb)); YI(_mm256_broadcastsi128_si256(xb)); YI(_mm256_inserti128_si256(a, xb, 1)); XI(_mm256_extracti128_si256(a, 1));
	YI(_mm256_maskload_epi32((int *)(in + 8), b)); YI(_mm256_i32gather_epi32((int *)in, _mm256_and_si256(a, _mm256_set1_epi32(15)), 4)); YI(_mm256_i64gather_epi64((long long *)in, _mm256_and_si256(b, _mm256_set1_epi64x(7)), 8));
	YI(_mm256_andnot_si256(a, b)); YI(_mm256_avg_epu8(a, b)); YI(_mm256_shufflelo_epi16(a, 0x1B)); YI(_mm256_shuffle_epi32(a, 0x4E));
	INT(_mm256_movemask_epi8(a)); INT(_mm256_testz_si256(a, b)); INT(_mm256_testc_si256(a, a)); INT(_mm256_testnzc_si256(a, b)); INT(_mm256_extract_epi32(a, 5));

	YF(_mm256_add_ps(f, h)); YF(_mm256_sub_ps(f, h)); YF(_mm256_mul_ps(f, h)); YF(_mm256_div_ps(f, h)); YF(_mm256_sqrt_ps(f)); YF(_mm256_min_ps(f, h)); YF(_mm256_max_ps(h, f));
	YF(_mm256_hadd_ps(f, h)); YF(_mm256_addsub_ps(f, h)); YF(_mm256_dp_ps(f, h, 0x7D)); YF(_mm256_round_ps(f, _MM_FROUND_TO_NEG_INF)); YF(_mm256_cmp_ps(f, h, _CMP_NLE_US));
	YF(_mm256_cmp_ps(f, h, _CMP_LT_OQ)); YF(_mm256_blend_ps(f, h, 0x3C)); YF(_mm256_permute_ps(f, 0x93)); YF(_mm256_shuffle_ps(f, h, 0x2D)); YF(_mm256_moveldup_ps(f)); YF(_mm256_unpacklo_ps(f, h));
	YF(_mm256_fmadd_ps(f, h, f)); YF(_mm256_fnmsub_ps(f, h, h)); YF(_mm256_fmaddsub_ps(f, h, f)); YF(_mm256_cvtepi32_ps(a)); YI(_mm256_cvtps_epi32(f)); YI(_mm256_cvttps_epi32(h));
	XI(_mm256_cvtps_ph(f, 0)); YF(_mm256_cvtph_ps(xa)); INT(_mm256_movemask_ps(f)); XF(_mm256_extractf128_ps(f, 1)); YF(_mm256_broadcast_ss((float *)(in + 4))); INT(_mm256_testz_ps(f, h));
	YG(_mm256_add_pd(g, k)); YG(_mm256_mul_pd(g, k)); YG(_mm256_div_pd(k, g)); YG(_mm256_fmadd_pd(g, k, k)); YG(_mm256_fmsubadd_pd(g, k, g)); YG(_mm256_hsub_pd(g, k)); YG(_mm256_ceil_pd(k));
	YG(_mm256_permute2f128_pd(g, k, 0x13)); YG(_mm256_cvtepi32_pd(xa)); XF(_mm256_cvtpd_ps(k)); XI(_mm256_cvttpd_epi32(k)); YG(_mm256_shuffle_pd(g, k, 6)); INT(_mm256_movemask_pd(g));

	XI(_mm_aesenc_si128(xa, xb)); XI(_mm_aesenclast_si128(xa, xb)); XI(_mm_aesdec_si128(xa, xb)); XI(_mm_aesdeclast_si128(xa, xb)); XI(_mm_aesimc_si128(xa)); XI(_mm_aeskeygenassist_si128(xa, 0x1B));
	XI(_mm_clmulepi64_si128(xa, xb, 0x01)); XI(_mm_minpos_epu16(xb)); XI(_mm_insert_epi8(xa, 0x77, 9)); INT(_mm_extract_epi16(xb, 6)); INT(_mm_cvtsi128_si32(xb)); INT(_mm_cvtsi128_si64(xa));
	const __m128i text = _mm_setr_epi8('S', 'i', 'd', 'e', ' ', 'l', 'o', 'a', 'd', 0, 'x', 'y', 'z', 1, 2, 3), set = _mm_setr_epi8('a', 'o', 'x', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	INT(_mm_cmpistri(set, text, _SIDD_CMP_EQUAL_ANY)); XI(_mm_cmpistrm(set, text, _SIDD_CMP_EQUAL_ANY | _SIDD_UNIT_MASK)); INT(_mm_cmpestri(set, 2, text, 16, _SIDD_CMP_RANGES | _SIDD_MOST_SIGNIFICANT)); INT(_mm_cmpistrz(set, text, _SIDD_CMP_EQUAL_EACH));
	INT(_mm_comilt_ss(_mm256_castps256_ps128(f), _mm256_castps256_ps128(h))); INT(_mm_ucomieq_sd(_mm256_castpd256_pd128(g), _mm256_castpd256_pd128(k)));
	INT(_mm_cvttss_si64(_mm_set_ss(-3e9f))); INT(_mm_cvtsd_si32(_mm_set_sd(2.5))); INT(_mm_cvtss_si32(_mm_set_ss(1e20f)));
	_mm256_zeroupper();
	return 0;
}
