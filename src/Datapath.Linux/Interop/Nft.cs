namespace Datapath.Linux;

/// <summary>linux/netfilter/nf_tables.h. Numbers in its attributes stand in the order of bytes of the network.</summary>
internal static class Nft
{
    internal const byte NFT_MSG_NEWTABLE = 0;
    internal const byte NFT_MSG_GETTABLE = 1;
    internal const byte NFT_MSG_DELTABLE = 2;
    internal const byte NFT_MSG_NEWCHAIN = 3;
    internal const byte NFT_MSG_GETCHAIN = 4;
    internal const byte NFT_MSG_DELCHAIN = 5;
    internal const byte NFT_MSG_NEWRULE = 6;
    internal const byte NFT_MSG_GETRULE = 7;
    internal const byte NFT_MSG_DELRULE = 8;
    internal const byte NFT_MSG_NEWSET = 9;
    internal const byte NFT_MSG_GETSET = 10;
    internal const byte NFT_MSG_DELSET = 11;
    internal const byte NFT_MSG_NEWSETELEM = 12;
    internal const byte NFT_MSG_GETSETELEM = 13;
    internal const byte NFT_MSG_DELSETELEM = 14;
    internal const byte NFT_MSG_NEWGEN = 15;
    internal const byte NFT_MSG_GETGEN = 16;
    internal const byte NFT_MSG_NEWOBJ = 18;
    internal const byte NFT_MSG_GETOBJ = 19;

    internal const ushort NFTA_TABLE_NAME = 1;
    internal const ushort NFTA_TABLE_FLAGS = 2;
    internal const uint NFT_TABLE_F_OWNER = 0x2; // since Linux 5.12
    internal const ushort NFTA_TABLE_USE = 3;
    internal const ushort NFTA_TABLE_USERDATA = 6;

    /// <summary>What nft(8) keeps in the user data of a table: entries of a type, a length and a value, of a byte each but the last. This type is the comment.</summary>
    internal const byte NFTNL_UDATA_TABLE_COMMENT = 0;

    internal const ushort NFTA_CHAIN_TABLE = 1;
    internal const ushort NFTA_CHAIN_NAME = 3;
    internal const ushort NFTA_CHAIN_HOOK = 4;
    internal const ushort NFTA_CHAIN_POLICY = 5;
    internal const ushort NFTA_CHAIN_USE = 6;
    internal const ushort NFTA_CHAIN_TYPE = 7;
    internal const ushort NFTA_CHAIN_COUNTERS = 8;
    internal const ushort NFTA_HOOK_HOOKNUM = 1;
    internal const ushort NFTA_HOOK_PRIORITY = 2;

    internal const ushort NFTA_RULE_TABLE = 1;
    internal const ushort NFTA_RULE_CHAIN = 2;
    internal const ushort NFTA_RULE_EXPRESSIONS = 4;
    internal const ushort NFTA_LIST_ELEM = 1;
    internal const ushort NFTA_EXPR_NAME = 1;
    internal const ushort NFTA_EXPR_DATA = 2;

    internal const ushort NFTA_SET_TABLE = 1;
    internal const ushort NFTA_SET_NAME = 2;
    internal const ushort NFTA_SET_FLAGS = 3;
    internal const ushort NFTA_SET_KEY_TYPE = 4;
    internal const ushort NFTA_SET_KEY_LEN = 5;
    internal const ushort NFTA_SET_DATA_TYPE = 6;
    internal const ushort NFTA_SET_DATA_LEN = 7;
    internal const ushort NFTA_SET_ID = 10;
    internal const uint NFT_SET_INTERVAL = 0x4;
    internal const uint NFT_SET_MAP = 0x8;

    internal const ushort NFTA_SET_ELEM_LIST_TABLE = 1;
    internal const ushort NFTA_SET_ELEM_LIST_SET = 2;
    internal const ushort NFTA_SET_ELEM_LIST_ELEMENTS = 3;
    internal const ushort NFTA_SET_ELEM_KEY = 1;
    internal const ushort NFTA_SET_ELEM_DATA = 2;
    internal const ushort NFTA_SET_ELEM_FLAGS = 3;
    internal const uint NFT_SET_ELEM_INTERVAL_END = 0x1;

    internal const ushort NFTA_DATA_VALUE = 1;
    internal const ushort NFTA_DATA_VERDICT = 2;
    internal const uint NFT_DATA_VERDICT = 0xffff_ff00;
    internal const ushort NFTA_VERDICT_CODE = 1;
    internal const ushort NFTA_VERDICT_CHAIN = 2;
    internal const uint NFT_GOTO = unchecked((uint)-4);

    internal const ushort NFTA_OBJ_TABLE = 1;
    internal const ushort NFTA_OBJ_NAME = 2;
    internal const ushort NFTA_OBJ_TYPE = 3;
    internal const ushort NFTA_OBJ_DATA = 4;
    internal const uint NFT_OBJECT_COUNTER = 1;
    internal const ushort NFTA_COUNTER_PACKETS = 2;

    internal const ushort NFTA_GEN_ID = 1;
    internal const ushort NFTA_GEN_PROC_PID = 2;
    internal const ushort NFTA_GEN_PROC_NAME = 3;

    internal const uint NFT_REG_VERDICT = 0;
    internal const uint NFT_REG32_00 = 8;

    internal const ushort NFTA_META_DREG = 1;
    internal const ushort NFTA_META_KEY = 2;
    internal const uint NFT_META_IIF = 4;
    internal const uint NFT_META_IIFNAME = 6;
    internal const uint NFT_META_OIFNAME = 7;
    internal const uint NFT_META_NFPROTO = 15;

    internal const ushort NFTA_PAYLOAD_DREG = 1;
    internal const ushort NFTA_PAYLOAD_BASE = 2;
    internal const ushort NFTA_PAYLOAD_OFFSET = 3;
    internal const ushort NFTA_PAYLOAD_LEN = 4;
    internal const uint NFT_PAYLOAD_NETWORK_HEADER = 1;

    internal const ushort NFTA_FIB_DREG = 1;
    internal const ushort NFTA_FIB_RESULT = 2;
    internal const ushort NFTA_FIB_FLAGS = 3;
    internal const uint NFT_FIB_RESULT_ADDRTYPE = 3;
    internal const uint NFTA_FIB_F_SADDR = 0x1;
    internal const uint NFTA_FIB_F_OIF = 0x10;

    internal const ushort NFTA_HASH_SREG = 1;
    internal const ushort NFTA_HASH_DREG = 2;
    internal const ushort NFTA_HASH_LEN = 3;
    internal const ushort NFTA_HASH_MODULUS = 4;
    internal const ushort NFTA_HASH_SEED = 5;
    internal const ushort NFTA_HASH_TYPE = 7;
    internal const uint NFT_HASH_JENKINS = 0;

    internal const ushort NFTA_IMMEDIATE_DREG = 1;
    internal const ushort NFTA_IMMEDIATE_DATA = 2;

    internal const ushort NFTA_CMP_SREG = 1;
    internal const ushort NFTA_CMP_OP = 2;
    internal const ushort NFTA_CMP_DATA = 3;
    internal const uint NFT_CMP_EQ = 0;

    internal const ushort NFTA_LOOKUP_SET = 1;
    internal const ushort NFTA_LOOKUP_SREG = 2;
    internal const ushort NFTA_LOOKUP_DREG = 3;

    internal const ushort NFTA_OBJREF_IMM_TYPE = 1;
    internal const ushort NFTA_OBJREF_IMM_NAME = 2;

    internal const ushort NFTA_NAT_TYPE = 1;
    internal const ushort NFTA_NAT_FAMILY = 2;
    internal const ushort NFTA_NAT_REG_ADDR_MIN = 3;
    internal const ushort NFTA_NAT_REG_PROTO_MIN = 5;
    internal const ushort NFTA_NAT_REG_PROTO_MAX = 6;
    internal const ushort NFTA_NAT_FLAGS = 7;
    internal const uint NFT_NAT_SNAT = 0;

    internal const ushort NFTA_MASQ_FLAGS = 1;
    internal const ushort NFTA_MASQ_REG_PROTO_MIN = 2;
    internal const ushort NFTA_MASQ_REG_PROTO_MAX = 3;
}
