package secur32

import (
	"strings"

	"sidetrace/emulator/win"
)

const sspiNote = "no package is modelled: it is a gap to ask for credentials of one"

var packageRows = win.Rows{
	win.Partial(win.Func9("AcquireCredentialsHandle{A,W}", acquireCredentialsHandle, "pszPrincipal pszPackage fCredentialUse pvLogonId pAuthData pGetKeyFn pvGetKeyArgument phCredential ptsExpiry"), sspiNote),
	win.Func1("DeleteSecurityContext", noHandle, "phContext"),
	win.Func1("FreeContextBuffer", freeContextBuffer, "pvContextBuffer"),
	win.Func1("FreeCredentialsHandle", noHandle, "phCredential"),
	win.Func12("InitializeSecurityContext{A,W}", initializeSecurityContext, "phCredential phContext pszTargetName fContextReq Reserved1 TargetDataRep pInput Reserved2 phNewContext pOutput pfContextAttr ptsExpiry"),
	win.Func3("QueryContextAttributes{A,W}", queryContextAttributes, "phContext ulAttribute pBuffer"),
}

// Results of sspi.h.
const (
	secInvalidHandle win.Status = 0x80090301
	secNoPackage     win.Status = 0x80090305
	secNoCredentials win.Status = 0x8009030E
)

// packages are what Windows has.
var packages = []string{
	"Kerberos", "Microsoft Unified Security Protocol Provider", "Negotiate", "NTLM", "Schannel", "WDigest", "CREDSSP", "TSSSP", "pku2u", "CloudAP",
}

// acquireCredentialsHandle knows the packages and has credentials of none.
//
// https://learn.microsoft.com/windows/win32/secauthn/acquirecredentialshandle--schannel
func acquireCredentialsHandle(c *win.Call, pszPrincipal, pszPackage win.TStr, fCredentialUse win.Hex, pvLogonId, pAuthData, pGetKeyFn, pvGetKeyArgument, phCredential, ptsExpiry win.Ptr) (win.Status, win.Error) {
	for _, p := range packages {
		if strings.EqualFold(p, pszPackage.Text) {
			c.Gap("credentials of " + p)
			return secNoCredentials, 0
		}
	}
	return secNoPackage, 0
}

// initializeSecurityContext has no credentials to begin with.
//
// https://learn.microsoft.com/windows/win32/secauthn/initializesecuritycontext--schannel
func initializeSecurityContext(c *win.Call, phCredential, phContext win.Ptr, pszTargetName win.TStr, fContextReq, Reserved1, TargetDataRep win.Hex, pInput win.Ptr, Reserved2 win.DWORD, phNewContext, pOutput, pfContextAttr, ptsExpiry win.Ptr) (win.Status, win.Error) {
	return secInvalidHandle, 0
}

// noHandle is for what takes back a handle that nobody was given.
//
// https://learn.microsoft.com/windows/win32/api/sspi/nf-sspi-freecredentialshandle
func noHandle(_ *win.Call, phContext win.Ptr) (win.Status, win.Error) { return secInvalidHandle, 0 }

// https://learn.microsoft.com/windows/win32/api/sspi/nf-sspi-querycontextattributesw
func queryContextAttributes(_ *win.Call, phContext win.Ptr, ulAttribute win.DWORD, pBuffer win.Ptr) (win.Status, win.Error) {
	return secInvalidHandle, 0
}

// https://learn.microsoft.com/windows/win32/api/sspi/nf-sspi-freecontextbuffer
func freeContextBuffer(c *win.Call, pvContextBuffer win.Ptr) (win.Status, win.Error) {
	c.Heap.Free(uint64(pvContextBuffer))
	return 0, 0
}
