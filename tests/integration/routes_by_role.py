"""What every address gives by role, and whose forms are stored: what the application is held to."""

from __future__ import annotations

ROLES = (
    "nobody", "technician A", "technician B", "manager A", "officer", "officer elsewhere", "clinician A",
    "clinician B", "operator", "administrator",
)  # fmt: skip

# What GET gives: a status; `in` leads to the sign-in page, `on` to another page of one's own; `.` has no page.
# Everything named by an address belongs to laboratory A, hospital A, or the region of `officer`.
READS = """
                           nobody  tech.A  tech.B  mgr.A  officer  o.else  clin.A  clin.B  operator  admin.
home                       on      on      on      on     on       on      on      on      on        on
core:sign-in               200     on      on      on     on       on      on      on      on        on
core:sign-out              200     200     200     200    200      200     200     200     200       200
core:language              on      on      on      on     on       on      on      on      on        on
core:token                 .       .       .       .      .        .       .       .       .         .
core:introspect            .       .       .       .      .        .       .       .       .         .
core:revoke                .       .       .       .      .        .       .       .       .         .
core:smart-configuration   200     200     200     200    200      200     200     200     200       200
core:access-openapi        200     200     200     200     200     200     200     200     200     200
core:log-checkpoint        200     200     200     200    200      200     200     200     200       200
core:log-cosigned          200     200     200     200    200      200     200     200     200       200
core:log-key               200     200     200     200    200      200     200     200     200       200
core:log-openapi           200     200     200     200     200     200     200     200     200     200
core:log-consistency       200     200     200     200    200      200     200     200     200       200
registry:facilities        in      200     200     200    200      200     403     403     403       200
registry:facility          in      200     404     200    200      404     403     403     403       200
registry:procedure         in      200     404     200    200      404     403     403     403       200
registry:import            in      403     403     403    403      403     403     403     403       200
registry:import-file       in      403     403     403    403      403     403     403     403       200
registry:import-template   in      403     403     403    403      403     403     403     403       200
iqc:today                  in      200     200     200    403      403     403     403     403       403
iqc:systems                in      200     200     200    200      200     403     403     403       403
iqc:laboratories           in      403     403     403    200      200     403     403     403       403
iqc:history                in      200     200     200    200      200     403     403     403       403
iqc:import                 in      200     200     200    403      403     403     403     403       403
iqc:import-template        in      200     200     200    403      403     403     403     403       403
iqc:import-file            in      200     404     404    403      403     403     403     403       403
iqc:targets                in      200     200     200    200      200     403     403     403       403
iqc:import-targets         in      200     200     200    403      403     403     403     403       403
iqc:import-targets-template  in    200     200     200    403      403     403     403     403       403
iqc:import-targets-file    in      200     404     404    403      403     403     403     403       403
iqc:chart                  in      200     404     200    200      404     403     403     403       403
iqc:record-action          .       .       .       .      .        .       .       .       .         .
iqc:enter-run              in      200     404     200    403      404     403     403     403       403
iqc:record-reset           in      200     404     200    403      404     403     403     403       403
iqc:exclude-result         in      200     404     200    403      404     403     403     403       403
eqa:rounds                 in      200     200     200    200      200     403     403     403       403
eqa:rounds-file            in      200     200     200    200      200     403     403     403       403
eqa:round                  in      200     200     200    200      404     403     403     403       403
eqa:round-file             in      200     200     200    200      404     403     403     403       403
eqa:import-results         in      403     403     403    200      404     403     403     403       403
eqa:step                   in      403     403     403    200      404     403     403     403       403
eqa:mine                   in      200     200     200    200      200     403     403     403       403
eqa:mine-file              in      200     200     200    200      200     403     403     403       403
eqa:import-plan            in      403     403     403    200      200     403     403     403       403
eqa:import-scores          in      403     403     403    200      200     403     403     403       403
eqa:template               in      200     200     200    200      200     403     403     403       403
eqa:certificates           in      200     200     200    200      200     403     403     403       403
eqa:certificates-file      in      200     200     200    200      200     403     403     403       403
eqa:hand-in                in      403     403     200    403      403     403     403     403       403
eqa:certificate            in      200     404     200    200      404     403     403     403       403
eqa:document               in      200     404     200    200      404     403     403     403       403
exchange:held              in      403     403     403    403      403     403     403     200       200
exchange:held-file         in      403     403     403    403      403     403     403     200       200
exchange:message           in      403     403     403    403      403     403     403     200       200
exchange:patient-fields    .       .       .       .      .        .       .       .       .         .
exchange:replay            .       .       .       .      .        .       .       .       .         .
exchange:replay-group      .       .       .       .      .        .       .       .       .         .
exchange:affirm            in      403     403     403    403      403     403     403     200       200
exchange:set-aside         in      403     403     403    403      403     403     403     200       200
exchange:mappings          in      403     403     200    403      403     403     403     200       200
exchange:mappings-file     in      403     403     200    403      403     403     403     200       200
exchange:propose           in      403     403     200    403      403     403     403     200       200
exchange:confirm           .       .       .       .      .        .       .       .       .         .
exchange:decline           .       .       .       .      .        .       .       .       .         .
exchange:mapping-history   in      403     403     200    403      403     403     403     200       200
exchange:mapping-table     in      403     403     200    403      403     403     403     200       200
exchange:mapping-table-preview in  403     403     on     403      403     403     403     on        on
exchange:mapping-table-template in 403     403     200    403      403     403     403     200       200
exchange:confirm-all       .       .       .       .      .        .       .       .       .         .
exchange:senders           in      403     403     403    403      403     403     403     200       200
exchange:senders-file      in      403     403     403    403      403     403     403     200       200
exchange:sender            in      403     403     403    403      403     403     403     200       200
exchange:register-sender   in      403     403     403    403      403     403     403     403       200
exchange:change-sender     in      403     403     403    403      403     403     403     403       200
exchange:try-message       in      403     403     403    403      403     403     403     200       200
exchange:systems           in      403     403     403    403      403     403     403     403       200
exchange:systems-file      in      403     403     403    403      403     403     403     403       200
exchange:exports           in      403     403     403    403      403     403     403     403       200
exchange:exports-file      in      403     403     403    403      403     403     403     403       200
exchange:register-system   in      403     403     403    403      403     403     403     403       200
exchange:system            in      403     403     403    403      403     403     403     403       200
exchange:change-system     in      403     403     403    403      403     403     403     403       200
exchange:add-keys          in      403     403     403    403      403     403     403     403       200
exchange:end-key           in      403     403     403    403      403     403     403     403       200
exchange:suspend-system    in      403     403     403    403      403     403     403     403       200
exchange:resume-system     .       .       .       .      .        .       .       .       .         .
exchange:controls          in      403     403     200    403      403     403     403     200       200
exchange:controls-file     in      403     403     200    403      403     403     403     200       200
exchange:control-propose   in      403     403     200    403      403     403     403     200       200
exchange:control-confirm   .       .       .       .      .        .       .       .       .         .
exchange:control-decline   .       .       .       .      .        .       .       .       .         .
exchange:outlets           in      403     403     403    403      403     403     403     403       200
exchange:outlets-file      in      403     403     403    403      403     403     403     403       200
exchange:register-outlet   in      403     403     403    403      403     403     403     403       200
exchange:outlet            in      403     403     403    403      403     403     403     403       200
exchange:dispatches-file   in      403     403     403    403      403     403     403     403       200
exchange:change-outlet     in      403     403     403    403      403     403     403     403       200
exchange:pause-outlet      in      403     403     403    403      403     403     403     403       200
exchange:end-outlet        in      403     403     403    403      403     403     403     403       200
exchange:close-dispatch    in      403     403     403    403      403     403     403     403       200
exchange:resume-outlet     .       .       .       .      .        .       .       .       .         .
exchange:resend-dispatch   .       .       .       .      .        .       .       .       .         .
exchange:resend-dead-letters .     .       .       .      .        .       .       .       .         .
exchange:witnesses         in      403     403     403    403      403     403     403     403       200
exchange:witnesses-file    in      403     403     403    403      403     403     403     403       200
exchange:add-witness       in      403     403     403    403      403     403     403     403       200
exchange:remove-witness    in      403     403     403    403      403     403     403     403       200
exchange:images            in      403     403     403    403      403     403     403     200       200
exchange:quality           in      403     403     403    403      403     403     403     200       200
exchange:source-quality    in      403     403     403    403      403     403     403     200       200
exchange:source-messages   in      403     403     403    403      403     403     403     200       200
exchange:certification     in      403     403     403    403      403     403     403     200       200
exchange:open-certification . . . . . . . . . .
exchange:close-certification . . . . . . . . . .
exchange:certification-report in   403     403     403    403      403     403     403     200       200
exchange:certification-cases in    403     403     403    403      403     403     403     200       200
exchange:deliveries        in      200     200     200    403      403     403     403     200       200
exchange:hand-in           in      200     200     200    403      403     403     403     200       200
exchange:hand-in-pdf       in      200     200     200    403      403     403     403     200       200
exchange:delivery-form     in      200     200     200    403      403     403     403     200       200
exchange:delivery          in      200     404     200    403      403     403     403     200       200
exchange:delivery-errors   in      200     404     200    403      403     403     403     200       200
exchange:delivery-confirm  .       .       .       .      .        .       .       .       .         .
exchange:delivery-discard  .       .       .       .      .        .       .       .       .         .
fhir                       .       .       .       .       .       .       .       .       .       .
fhir:root                  .       .       .       .       .       .       .       .       .       .
fhir:metadata              200     200     200     200     200     200     200     200     200     200
fhir:openapi               200     200     200     200     200     200     200     200     200     200
fhir:page                  200     200     200     200     200     200     200     200     200     200
fhir:smart-configuration   200     200     200     200     200     200     200     200     200     200
fhir:export                401     401     401     401     401     401     401     401     401     401
fhir:export-patients       401     401     401     401     401     401     401     401     401     401
fhir:export-status         401     401     401     401     401     401     401     401     401     401
fhir:export-file           401     401     401     401     401     401     401     401     401     401
fhir:kind                  401     401     401     401     401     401     401     401     401     401
fhir:search                .       .       .       .       .       .       .       .       .       .
fhir:instance              401     401     401     401     401     401     401     401     401     401
fhir:history               401     401     401     401     401     401     401     401     401     401
fhir:version               401     401     401     401     401     401     401     401     401     401
fhir:last-observations     401     401     401     401     401     401     401     401     401     401
fhir:match-patient         .       .       .       .       .       .       .       .       .       .
fhir:nothing               404     404     404     404     404     404     404     404     404     404
deliveries:page            200     200     200     200    200      200     200     200     200       200
deliveries:openapi         200     200     200     200    200      200     200     200     200       200
deliveries:push            .       .       .       .      .        .       .       .       .         .
deliveries:delivery        401     401     401     401    401      401     401     401     401       401
deliveries:nowhere         404     404     404     404    404      404     404     404     404       404
results:cases              in      403     403     403    403      403     403     403     200       200
results:cases-file         in      403     403     403    403      403     403     403     200       200
results:case               in      403     403     403    403      403     403     403     200       200
results:person             in      403     403     403    403      403     403     403     200       200
results:person-file        in      403     403     403    403      403     403     403     200       200
results:part               in      403     403     403    403      403     403     403     200       200
results:undo               in      403     403     403    403      403     403     403     200       200
results:undo-number        in      403     403     403    403      403     403     403     200       200
recognition:register       200     200     200     200    200      200     200     200     200       200
recognition:rules          200     200     200     200    200      200     200     200     200       200
recognition:rights         in      403     403     200    200      200     403     403     403       403
recognition:right          in      403     403     200    200      404     403     403     403       403
recognition:revoke         in      403     403     403    200      404     403     403     403       403
recognition:lift           in      403     403     403    200      404     403     403     403       403
portal:patients            in      403     403     403    403      403     200     200     403       403
portal:patient             in      200     404     200    404      404     200     403     404       404
portal:break-glass         .       .       .       .      .        .       .       .       .         .
portal:access-log          in      200     404     200    404      404     200     404     404       404
portal:order               in      403     403     403    403      403     200     403     403       403
portal:order-check         in      403     403     403    403      403     200     404     403       403
portal:order-check-again   .       .       .       .      .        .       .       .       .         .
portal:order-receipt       in      403     403     403    403      403     200     404     403       403
portal:report              in      200     404     200    404      404     200     403     404       404
portal:report-versions     in      200     404     200    404      404     200     403     404       404
portal:proof               200     200     200     200    200      200     200     200     200       200
portal:report-file         in      200     404     200    404      404     200     403     404       404
portal:report-file-picture in      404     404     404    404      404     404     403     404       404
portal:report-picture      in      200     404     200    404      404     200     403     404       404
portal:notices             in      403     403     403    403      403     200     200     403       403
portal:notice-read         .       .       .       .      .        .       .       .       .         .
portal:cds-services        200     200     200     200    200      200     200     200     200       200
portal:cds-openapi         200     200     200     200     200     200     200     200     200     200
portal:cds-service         .       .       .       .      .        .       .       .       .         .
portal:cds-feedback        .       .       .       .      .        .       .       .       .         .
"""

# What POST gives: `may` stores what the form says; everyone else stores nothing. 422 reads a file and says which of its
# rows are not of one's region. A mapping is confirmed by another than the manager who proposed it.
WRITES = """
                           nobody  tech.A  tech.B  mgr.A  officer  o.else  clin.A  clin.B  operator  admin.
registry:import            in      403     403     403    403      403     403     403     403       may
registry:import-file       in      403     403     403    403      403     403     403     403       may
iqc:import                 in      may     may     may    403      403     403     403     403       403
iqc:import-file            in      may     404     404    403      403     403     403     403       403
iqc:import-targets         in      may     may     may    403      403     403     403     403       403
iqc:import-targets-file    in      may     404     404    403      403     403     403     403       403
iqc:record-action          in      may     404     may    403      404     403     403     403       403
iqc:enter-run              in      may     404     may    403      404     403     403     403       403
iqc:record-reset           in      may     404     may    403      404     403     403     403       403
iqc:exclude-result         in      may     404     may    403      404     403     403     403       403
eqa:import-results         in      403     403     403    may      404     403     403     403       403
eqa:step                   in      403     403     403    may      404     403     403     403       403
eqa:import-plan            in      403     403     403    may      403     403     403     403       403
eqa:import-scores          in      403     403     403    may      422     403     403     403       403
eqa:hand-in                in      403     403     may    403      403     403     403     403       403
eqa:certificate            in      403     404     403    may      404     403     403     403       403
exchange:patient-fields    in      403     403     403    403      403     403     403     may       may
exchange:replay            in      403     403     403    403      403     403     403     may       may
exchange:replay-group      in      403     403     403    403      403     403     403     may       may
exchange:affirm            in      403     403     403    403      403     403     403     may       may
exchange:set-aside         in      403     403     403    403      403     403     403     may       may
exchange:propose           in      403     403     may    403      403     403     403     may       may
exchange:confirm           in      403     403     403    403      403     403     403     may       may
exchange:decline           in      403     403     may    403      403     403     403     may       may
exchange:confirm-all       in      403     403     on     403      403     403     403     may       may
exchange:mapping-table-preview in  403     403     on     403      403     403     403     on        on
exchange:register-sender   in      403     403     403    403      403     403     403     403       may
exchange:change-sender     in      403     403     403    403      403     403     403     403       may
exchange:register-system   in      403     403     403    403      403     403     403     403       may
exchange:change-system     in      403     403     403    403      403     403     403     403       may
exchange:add-keys          in      403     403     403    403      403     403     403     403       may
exchange:end-key           in      403     403     403    403      403     403     403     403       may
exchange:suspend-system    in      403     403     403    403      403     403     403     403       may
exchange:resume-system     in      403     403     403    403      403     403     403     403       may
exchange:control-propose   in      403     403     may    403      403     403     403     may       may
exchange:control-confirm   in      403     403     403    403      403     403     403     may       may
exchange:control-decline   in      403     403     may    403      403     403     403     may       may
exchange:register-outlet   in      403     403     403    403      403     403     403     403       may
exchange:change-outlet     in      403     403     403    403      403     403     403     403       may
exchange:pause-outlet      in      403     403     403    403      403     403     403     403       may
exchange:resume-outlet     in      403     403     403    403      403     403     403     403       may
exchange:end-outlet        in      403     403     403    403      403     403     403     403       may
exchange:add-witness       in      403     403     403    403      403     403     403     403       may
exchange:remove-witness    in      403     403     403    403      403     403     403     403       may
exchange:resend-dispatch   in      403     403     403    403      403     403     403     403       may
exchange:resend-dead-letters in     403     403     403    403      403     403     403     403       may
exchange:close-dispatch    in      403     403     403    403      403     403     403     403       may
exchange:open-certification in     403     403     403    403      403     403     403     may       may
exchange:close-certification in    403     403     403    403      403     403     403     may       may
exchange:hand-in           in      may     422     may    403      403     403     403     may       may
exchange:hand-in-pdf       in      may     422     may    403      403     403     403     may       may
exchange:delivery-confirm  in      may     404     may    403      403     403     403     may       may
exchange:delivery-discard  in      may     404     may    403      403     403     403     may       may
fhir                       401     401     401     401     401     401     401     401     401     401
fhir:root                  401     401     401     401     401     401     401     401     401     401
fhir:export                401     401     401     401     401     401     401     401     401     401
fhir:export-patients       401     401     401     401     401     401     401     401     401     401
fhir:kind                  401     401     401     401     401     401     401     401     401     401
fhir:search                401     401     401     401     401     401     401     401     401     401
fhir:last-observations     401     401     401     401     401     401     401     401     401     401
fhir:match-patient         401     401     401     401     401     401     401     401     401     401
fhir:nothing               404     404     404     404     404     404     404     404     404     404
deliveries:push            401     401     401     401    401      401     401     401     401       401
deliveries:nowhere         404     404     404     404    404      404     404     404     404       404
results:case               in      403     403     403    403      403     403     403     may       may
results:part               in      403     403     403    403      403     403     403     may       may
results:undo               in      403     403     403    403      403     403     403     may       may
results:undo-number        in      403     403     403    403      403     403     403     may       may
recognition:revoke         in      403     403     403    may      404     403     403     403       403
recognition:lift           in      403     403     403    may      404     403     403     403       403
portal:patients            in      403     403     403    403      403     may     may     403       403
portal:break-glass         in      403     403     403    403      403     may     may     403       403
portal:order               in      403     403     403    403      403     may     403     403       403
portal:order-check         in      403     403     403    403      403     may     404     403       403
portal:order-check-again   in      403     403     403    403      403     may     404     403       403
portal:notice-read         in      403     403     403    403      403     may     403     403       403
portal:cds-service         401     401     401     401    401      401     401     401     401       401
portal:cds-feedback        401     401     401     401    401      401     401     401     401       401
"""


def rows(table: str) -> dict[str, dict[str, str]]:
    _head, *lines = table.strip("\n").splitlines()
    return {route: dict(zip(ROLES, cells, strict=True)) for route, *cells in (line.split() for line in lines)}


READ, WRITTEN = rows(READS), rows(WRITES)
