package goshawk

// OrgID names a tenant; the empty one is the root org.
type OrgID string

// RootOrg is the tenant that always exists.
const RootOrg OrgID = ""
