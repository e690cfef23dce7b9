package iam

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/mfa"
	"github.com/regent-iam/regent/internal/passkey"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func mfaOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("DeactivateMFADevice", deactivateMFADeviceNeeds, deactivateMFADevice).Dangerous(aboutOwnDevice),
		dispatch.Write("EnableMFADevice", enableMFADeviceNeeds, enableMFADevice),
		dispatch.Read("GetMFADevice", getMFADeviceNeeds, getMFADevice),
		dispatch.Read("ListMFADevices", listMFADevicesNeeds, listMFADevices),
		dispatch.Write("ResyncMFADevice", resyncMFADeviceNeeds, resyncMFADevice),
	}
}

// deviceHolder returns the name by which a call about devices is about the
// caller or another: Enable and Resync demand a name, which root has not. Root
// calls itself "root" there, unless a user has that name.
func deviceHolder(call *dispatch.Call, userName string) (string, error) {
	if call.Caller.Kind != authn.Root || arn.Fold(userName) != identity.RootUser {
		return userName, nil
	}
	_, err := call.Tx.User(call.Caller.Account, identity.UserName(userName))
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return userName, err
}

// deviceHolderNeeds is holderNeeds for calls about devices.
func deviceHolderNeeds(call *dispatch.Call, action, userName string) ([]authz.Need, error) {
	name, err := deviceHolder(call, userName)
	if err != nil {
		return nil, err
	}
	return holderNeeds(call, action, name)
}

// holderOfDevices is holderOf for calls about devices.
func holderOfDevices(call *dispatch.Call, userName string) (*holder, error) {
	name, err := deviceHolder(call, userName)
	if err != nil {
		return nil, err
	}
	return holderOf(call, name)
}

// id is what a device's record has for its holder.
func (h *holder) id() string {
	if h.user == nil {
		return identity.RootUser
	}
	return h.user.ID
}

// devices are the serial numbers of the holder's devices.
func (h *holder) devices() *[]string {
	if h.user == nil {
		return &h.account.RootMFA
	}
	return &h.user.MFA
}

// device returns the holder's device of that serial number.
func (h *holder) device(call *dispatch.Call, serial string) (*identity.MFADevice, error) {
	d, err := device(call, serial)
	if err != nil {
		return nil, err
	}
	if d.UserID != h.id() {
		return nil, noDevice(serial)
	}
	return d, nil
}

// checkPair checks two consecutive codes and writes what came of it. A wrong
// pair is counted although the call fails (IA-54, TH-50).
func checkPair(call *dispatch.Call, d *identity.MFADevice, first, second string) error {
	checked := mfa.CheckPair(call.Ring(), d, first, second, call.Now)
	wrong := wrongCode()
	switch {
	case errors.Is(checked, mfa.ErrBlocked):
		return wrong
	case errors.Is(checked, mfa.ErrCode):
		if err := call.Tx.PutDevice(d); err != nil {
			return err
		}
		return dispatch.Keep(wrong)
	}
	return checked
}

func enableMFADeviceNeeds(call dispatch.Call, in *api.EnableMFADeviceInput) ([]authz.Need, error) {
	return deviceHolderNeeds(&call, "iam:EnableMFADevice", in.UserName)
}

// enableMFADevice gives a device to a user or root, who shows to have it.
func enableMFADevice(_ context.Context, call dispatch.Call, in *api.EnableMFADeviceInput) (*wire.Empty, error) {
	h, err := holderOfDevices(&call, in.UserName)
	if err != nil {
		return nil, err
	}
	if offer := call.Request.Parsed.Header.Get(passkey.OfferHeader); offer != "" {
		return enablePasskey(&call, h, in.SerialNumber, offer)
	}
	d, err := virtualDevice(&call, in.SerialNumber)
	switch {
	case err != nil:
		return nil, err
	case d.UserID != "":
		return nil, api.EntityAlreadyExists("MFA Device is already in use.")
	}
	if err := checkQuota(&call, catalog.MFADevicesPerUser, len(*h.devices())+1); err != nil {
		return nil, err
	}
	if err := checkPair(&call, d, in.AuthenticationCode1, in.AuthenticationCode2); err != nil {
		return nil, err
	}
	d.UserID, d.Enabled = h.id(), call.Now
	if err := call.Tx.PutDevice(d); err != nil {
		return nil, err
	}
	*h.devices() = append(*h.devices(), in.SerialNumber)
	return &wire.Empty{}, h.put(call.Tx)
}

// enablePasskey gives a holder the passkey that was made for them where they
// signed in. It is known by then that they have it.
func enablePasskey(call *dispatch.Call, h *holder, serial, offer string) (*wire.Empty, error) {
	d, err := passkey.Offered(call.Ring(), offer, call.Now)
	if err != nil || d.Account != call.Caller.Account || d.UserID != h.id() || d.Serial() != serial {
		return nil, wrongCode() // it is for somebody else, or for nobody any more
	}
	if err := checkQuota(call, catalog.MFADevicesPerUser, len(*h.devices())+1); err != nil {
		return nil, err
	}
	d.Created, d.Enabled = call.Now, call.Now
	switch err := call.Tx.CreateDevice(d); {
	case errors.Is(err, store.ErrExists):
		return nil, api.EntityAlreadyExists("MFA Device is already in use.")
	case err != nil:
		return nil, exceeded(err)
	}
	*h.devices() = append(*h.devices(), serial)
	return &wire.Empty{}, h.put(call.Tx)
}

func wrongCode() error {
	return api.InvalidAuthenticationCode("Authentication code for device is not valid.")
}

func resyncMFADeviceNeeds(call dispatch.Call, in *api.ResyncMFADeviceInput) ([]authz.Need, error) {
	return deviceHolderNeeds(&call, "iam:ResyncMFADevice", in.UserName)
}

func resyncMFADevice(_ context.Context, call dispatch.Call, in *api.ResyncMFADeviceInput) (*wire.Empty, error) {
	h, err := holderOfDevices(&call, in.UserName)
	if err != nil {
		return nil, err
	}
	d, err := h.device(&call, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	if d.Passkey != nil {
		return nil, noDevice(in.SerialNumber) // it has no clock
	}
	if err := checkPair(&call, d, in.AuthenticationCode1, in.AuthenticationCode2); err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.PutDevice(d)
}

// always and aboutOwnDevice say which calls are so dangerous that somebody in a
// browser proves again who they are (TH-90): a key lasts longer than any session,
// and without the device a stolen session is as good as its user. A device that
// was deactivated is nobody's, so that deleting one is dangerous whoever had it.
func always(*authn.Caller, any) bool { return true }

func aboutOwnDevice(c *authn.Caller, in any) bool {
	name := in.(*api.DeactivateMFADeviceInput).UserName
	return name == "" || arn.Fold(name) == arn.Fold(string(c.UserName))
}

func deactivateMFADeviceNeeds(call dispatch.Call, in *api.DeactivateMFADeviceInput) ([]authz.Need, error) {
	return deviceHolderNeeds(&call, "iam:DeactivateMFADevice", in.UserName)
}

// deactivateMFADevice takes a device from its holder. A virtual device stays
// (IA-54), and so does which of its codes were used; a passkey is gone.
func deactivateMFADevice(_ context.Context, call dispatch.Call, in *api.DeactivateMFADeviceInput) (*wire.Empty, error) {
	h, err := holderOfDevices(&call, in.UserName)
	if err != nil {
		return nil, err
	}
	d, err := h.device(&call, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	if d.UserID, d.Enabled = "", (time.Time{}); d.Passkey != nil {
		err = call.Tx.DeleteDevice(d)
	} else {
		err = call.Tx.PutDevice(d)
	}
	if err != nil {
		return nil, err
	}
	if err := endSignIns(&call, h); err != nil {
		return nil, err
	}
	devices := h.devices()
	*devices = slices.DeleteFunc(slices.Clone(*devices), func(s string) bool { return s == in.SerialNumber })
	return &wire.Empty{}, h.put(call.Tx)
}

func getMFADeviceNeeds(call dispatch.Call, in *api.GetMFADeviceInput) ([]authz.Need, error) {
	return deviceHolderNeeds(&call, "iam:GetMFADevice", in.UserName)
}

func getMFADevice(_ context.Context, call dispatch.Call, in *api.GetMFADeviceInput) (*api.GetMFADeviceOutput, error) {
	h, err := holderOfDevices(&call, in.UserName)
	if err != nil {
		return nil, err
	}
	d, err := h.device(&call, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	return &api.GetMFADeviceOutput{UserName: h.name(), SerialNumber: d.Serial(), EnableDate: d.Enabled}, nil
}

func listMFADevicesNeeds(call dispatch.Call, in *api.ListMFADevicesInput) ([]authz.Need, error) {
	return deviceHolderNeeds(&call, "iam:ListMFADevices", in.UserName)
}

func listMFADevices(_ context.Context, call dispatch.Call, in *api.ListMFADevicesInput) (*api.ListMFADevicesOutput, error) {
	h, err := holderOfDevices(&call, in.UserName)
	if err != nil {
		return nil, err
	}
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	serials, next := within(slices.Sorted(slices.Values(*h.devices())), w, strings.Clone)
	out := &api.ListMFADevicesOutput{MFADevices: make([]api.MFADevice, len(serials))}
	for i, serial := range serials {
		d, err := deviceOf(&call, serial)
		if err != nil {
			return nil, fmt.Errorf("device %s of %s: %w", serial, h.id(), err)
		}
		out.MFADevices[i] = api.MFADevice{UserName: h.name(), SerialNumber: serial, EnableDate: d.Enabled}
	}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}
