package iam

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"rsc.io/qr"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/mfa"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func virtualDeviceOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("CreateVirtualMFADevice", createVirtualMFADeviceNeeds, createVirtualMFADevice),
		dispatch.Write("DeleteVirtualMFADevice", deleteVirtualMFADeviceNeeds, deleteVirtualMFADevice).Dangerous(always),
		dispatch.Read("ListMFADeviceTags", listMFADeviceTagsNeeds, listMFADeviceTags),
		dispatch.Read("ListVirtualMFADevices", listVirtualMFADevicesNeeds, listVirtualMFADevices),
		dispatch.Write("TagMFADevice", tagMFADeviceNeeds, tagMFADevice),
		dispatch.Write("UntagMFADevice", untagMFADeviceNeeds, untagMFADevice),
	}
}

// deviceOf returns the account's device with a serial number; its error is
// store.ErrNotFound when there is none.
func deviceOf(call *dispatch.Call, serial string) (*identity.MFADevice, error) {
	a, err := arn.Parse(serial)
	if err != nil || a.Account != string(call.Caller.Account) {
		return nil, store.ErrNotFound
	}
	d, err := call.Tx.Device(call.Caller.Account, a.Resource[strings.LastIndexByte(a.Resource, '/')+1:])
	if err != nil {
		return nil, err
	}
	if d.Serial() != serial {
		return nil, store.ErrNotFound
	}
	return d, nil
}

// device is deviceOf with IAM's error.
func device(call *dispatch.Call, serial string) (*identity.MFADevice, error) {
	d, err := deviceOf(call, serial)
	if errors.Is(err, store.ErrNotFound) {
		return nil, noDevice(serial)
	}
	return d, err
}

// virtualDevice is device for calls that know of no passkeys.
func virtualDevice(call *dispatch.Call, serial string) (*identity.MFADevice, error) {
	d, err := device(call, serial)
	if err == nil && d.Passkey != nil {
		return nil, noDevice(serial)
	}
	return d, err
}

func noDevice(serial string) error {
	return api.NoSuchEntity("VirtualMFADevice with serial number %s doesn't exist.", serial)
}

// deviceNeeds asks for an action on the device with a serial number. One that
// does not exist, or that another account has, is asked about all the same.
func deviceNeeds(call *dispatch.Call, action, serial string, keys ...authz.Key) ([]authz.Need, error) {
	d, err := deviceOf(call, serial)
	if errors.Is(err, store.ErrNotFound) {
		if _, err := arn.Parse(serial); err != nil {
			serial = accountARN(call, "mfa/"+serial)
		}
		return need(action, serial, keys...), nil
	} else if err != nil {
		return nil, err
	}
	return need(action, serial, append(targetKeys(d.Tags), keys...)...), nil
}

func createVirtualMFADeviceNeeds(call dispatch.Call, in *api.CreateVirtualMFADeviceInput) ([]authz.Need, error) {
	d := identity.MFADevice{Account: call.Caller.Account, Name: in.VirtualMFADeviceName, Path: pathOr(in.Path)}
	tags := requestTags(in.Tags)
	needs := need("iam:CreateVirtualMFADevice", d.Serial(), tags...)
	if len(in.Tags) > 0 {
		needs = append(needs, need("iam:TagMFADevice", d.Serial(), tags...)...) // IA-61
	}
	return needs, nil
}

// createVirtualMFADevice makes a device that is nobody's yet. Its answer is the
// one place where the seed is ever shown (IA-54).
func createVirtualMFADevice(_ context.Context, call dispatch.Call, in *api.CreateVirtualMFADeviceInput) (*api.CreateVirtualMFADeviceOutput, error) {
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	d := &identity.MFADevice{
		Account: call.Caller.Account, Name: in.VirtualMFADeviceName, Path: pathOr(in.Path), Created: call.Now, Tags: tags,
	}
	seed := make([]byte, mfa.SeedSize)
	if _, err := io.ReadFull(call.Random, seed); err != nil {
		return nil, fmt.Errorf("making a seed: %w", err)
	}
	if d.Sealed, err = mfa.SealSeed(call.Ring(), d.Serial(), seed); err != nil {
		return nil, err
	}
	switch err := call.Tx.CreateDevice(d); {
	case errors.Is(err, store.ErrExists):
		return nil, api.EntityAlreadyExists("MFADevice entity at the same path and name already exists.")
	case err != nil:
		return nil, exceeded(err)
	}
	text := base32.StdEncoding.EncodeToString(seed)
	image, err := enrolment(d, text)
	if err != nil {
		return nil, err
	}
	return &api.CreateVirtualMFADeviceOutput{VirtualMFADevice: &api.VirtualMFADevice{
		SerialNumber: d.Serial(), Base32StringSeed: []byte(text), QRCodePNG: image, Tags: apiTags(d.Tags),
	}}, nil
}

// codeIssuer is who an authenticator app says a code is for.
const codeIssuer = "Regent"

// enrolment draws the QR code that an authenticator app takes a seed from.
func enrolment(d *identity.MFADevice, seed string) ([]byte, error) {
	uri := url.URL{
		Scheme: "otpauth", Host: "totp", Path: "/" + codeIssuer + ":" + d.Name + "@" + string(d.Account),
		RawQuery: "secret=" + seed + "&issuer=" + codeIssuer,
	}
	code, err := qr.Encode(uri.String(), qr.M)
	if err != nil {
		return nil, fmt.Errorf("drawing a QR code: %w", err)
	}
	return code.PNG(), nil
}

func deleteVirtualMFADeviceNeeds(call dispatch.Call, in *api.DeleteVirtualMFADeviceInput) ([]authz.Need, error) {
	return deviceNeeds(&call, "iam:DeleteVirtualMFADevice", in.SerialNumber)
}

func deleteVirtualMFADevice(_ context.Context, call dispatch.Call, in *api.DeleteVirtualMFADeviceInput) (*wire.Empty, error) {
	d, err := virtualDevice(&call, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	if d.UserID != "" {
		return nil, api.DeleteConflict("MFA VirtualDevice in use. Must deactivate first.")
	}
	return &wire.Empty{}, call.Tx.DeleteDevice(d)
}

func listVirtualMFADevicesNeeds(call dispatch.Call, _ *api.ListVirtualMFADevicesInput) ([]authz.Need, error) {
	return need("iam:ListVirtualMFADevices", accountARN(&call, "mfa/")), nil
}

// listVirtualMFADevices lists devices with whose they are, without their tags
// (IA-12, IA-13).
func listVirtualMFADevices(_ context.Context, call dispatch.Call, in *api.ListVirtualMFADevicesInput) (*api.ListVirtualMFADevicesOutput, error) {
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	devices, next, err := call.Tx.Devices(call.Caller.Account, store.Page[identity.MFADevice]{
		After: w.after, Limit: w.limit, Keep: assignment(in.AssignmentStatus),
	})
	if err != nil {
		return nil, err
	}
	out := &api.ListVirtualMFADevicesOutput{VirtualMFADevices: make([]api.VirtualMFADevice, len(devices))}
	for i, d := range devices {
		who, err := assignedTo(call.Tx, d)
		if err != nil {
			return nil, err
		}
		out.VirtualMFADevices[i] = api.VirtualMFADevice{SerialNumber: d.Serial(), EnableDate: d.Enabled, User: who}
	}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}

// assignment keeps the virtual devices of a status.
func assignment(status string) func(*identity.MFADevice) bool {
	return func(d *identity.MFADevice) bool {
		switch {
		case d.Passkey != nil:
			return false
		case status == "Assigned":
			return d.UserID != ""
		case status == "Unassigned":
			return d.UserID == ""
		}
		return true
	}
}

// assignedTo returns whose a device is, nil when it is nobody's.
func assignedTo(tx *store.Tx, d *identity.MFADevice) (*api.User, error) {
	switch d.UserID {
	case "":
		return nil, nil
	case identity.RootUser:
		account, err := tx.Account(d.Account)
		if err != nil {
			return nil, fmt.Errorf("holder of %s: %w", d.Serial(), err)
		}
		return rootUser(account), nil
	}
	u, err := tx.UserByID(d.UserID)
	if err != nil {
		return nil, fmt.Errorf("holder of %s: %w", d.Serial(), err)
	}
	return new(apiUser(u)), nil
}

// rootUser is an account's root in the shape of a user (IA-5).
func rootUser(a *identity.Account) *api.User {
	return &api.User{UserName: a.Alias, UserId: string(a.ID), Arn: a.RootARN().String(), CreateDate: a.Created}
}

func tagMFADeviceNeeds(call dispatch.Call, in *api.TagMFADeviceInput) ([]authz.Need, error) {
	return deviceNeeds(&call, "iam:TagMFADevice", in.SerialNumber, requestTags(in.Tags)...)
}

func tagMFADevice(_ context.Context, call dispatch.Call, in *api.TagMFADeviceInput) (*wire.Empty, error) {
	d, err := virtualDevice(&call, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	if d.Tags, err = addTags(d.Tags, in.Tags, "MFADevice"); err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.PutDevice(d)
}

func untagMFADeviceNeeds(call dispatch.Call, in *api.UntagMFADeviceInput) ([]authz.Need, error) {
	return deviceNeeds(&call, "iam:UntagMFADevice", in.SerialNumber, authz.Many("aws:TagKeys", in.TagKeys...))
}

func untagMFADevice(_ context.Context, call dispatch.Call, in *api.UntagMFADeviceInput) (*wire.Empty, error) {
	d, err := virtualDevice(&call, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	d.Tags = identity.RemoveTags(d.Tags, in.TagKeys)
	return &wire.Empty{}, call.Tx.PutDevice(d)
}

func listMFADeviceTagsNeeds(call dispatch.Call, in *api.ListMFADeviceTagsInput) ([]authz.Need, error) {
	return deviceNeeds(&call, "iam:ListMFADeviceTags", in.SerialNumber)
}

func listMFADeviceTags(_ context.Context, call dispatch.Call, in *api.ListMFADeviceTagsInput) (*api.ListMFADeviceTagsOutput, error) {
	d, err := virtualDevice(&call, in.SerialNumber)
	if err != nil {
		return nil, err
	}
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	tags, next := within(d.Tags, w, func(t identity.Tag) string { return t.Key })
	out := &api.ListMFADeviceTagsOutput{Tags: apiTags(tags)}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}
